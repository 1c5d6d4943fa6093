from toolkit.readers.text_layer.reading import Reading


def read(reading: Reading) -> None:
    """Not written yet."""
