"""Exceptions for OUR faults and for wrong input of the people who run the grader.

What a student's code does wrong is never an exception that leaves the system: it ends as an
:class:`autograder.core.results.Outcome`.

    AutograderError
    ├── ConfigurationError      course files or command-line input: the instructor fixes it
    ├── SuiteError              a hidden suite that cannot run: the author fixes it
    ├── StoreError              the database cannot be used
    │   └── LedgerGone          its file was removed or replaced in the middle: waiting is no use
    ├── DownloadFailed          a data set cannot be had, or is not what its checksum says
    └── InfrastructureError     retried in fresh sandboxes, then the submission is `ungraded`
        ├── EngineUnavailable   no Docker engine answers
        ├── GpuUnavailable      a GPU was demanded and there is none
        ├── ImageMissing        the grading image has not been built
        ├── SandboxFailed       a sandbox did not start, or died by no fault of the student
        └── ExaminerFailed      the trusted examiner process died or broke its contract
"""


class AutograderError(Exception):
    """Base of every fault that is not the student's; says what, where and the remedy."""


class ConfigurationError(AutograderError):
    """A course file or an argument is wrong; names file, field, value and remedy."""


class SuiteError(AutograderError):
    """A hidden suite cannot be collected or fails by itself."""


class StoreError(AutograderError):
    """The database is missing, locked, or of another schema version."""


class LedgerGone(StoreError):
    """The file of the ledger was removed or replaced while it was in use."""


class DownloadFailed(AutograderError):
    """A data set cannot be had, or is not what its checksum says."""


class InfrastructureError(AutograderError):
    """The grader's own machinery failed: never a zero for the student."""


class EngineUnavailable(InfrastructureError):
    """No Docker engine answers."""


class GpuUnavailable(InfrastructureError):
    """A GPU was demanded, and no sandbox here can have one."""


class ImageMissing(InfrastructureError):
    """The grading image is not there or was built from other sources."""


class SandboxFailed(InfrastructureError):
    """A sandbox did not start, or died by no fault of the submission."""


class ExaminerFailed(InfrastructureError):
    """The examiner process died, hung, or sent something unreadable."""
