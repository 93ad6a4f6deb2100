package org.codonfuse.weights;

/**
 * A block of elements that tensors are views of.
 *
 * @param key its name in the file
 * @param elements its size as the pickle states it
 */
record TorchStorage(String key, StoredType type, long elements) {
  /** Size in bytes; a {@link TorchObjects} makes none that overflows. */
  long bytes() {
    return elements * type.bytes();
  }

  /**
   * Part of a storage, as files of the first PyTorch versions share them.
   *
   * @param first index of its first element
   * @param elements the number of its elements
   */
  record Part(TorchStorage whole, long first, long elements) {}
}
