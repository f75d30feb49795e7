from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_beats_pca(train_autoencoder, reconstruct, images, np):
    train, test = (images[:1200], images[1200:])
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:8]
    by_pca = (test - mean) @ directions.T @ directions + mean
    pca = np.mean((by_pca - test) ** 2)
    error = np.mean((reconstruct(train_autoencoder(train, 8, 0), test) - test) ** 2)
    assert error < 0.9 * pca, f'error {error:.4f}, PCA {pca:.4f}: train longer, or with more units?'
