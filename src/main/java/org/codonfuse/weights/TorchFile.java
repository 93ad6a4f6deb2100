package org.codonfuse.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.codonfuse.CodonfuseException;
import org.codonfuse.weights.PickleValues.Dictionary;

/**
 * A memory-mapped PyTorch file ({@code .pth}, {@code .pt}, {@code .bin}) with a state dictionary:
 * at the top or under {@code model}, {@code state_dict}, {@code model_state_dict} or {@code
 * module}. It is read without Python and nothing in it is executed: a pickle that mentions or does
 * anything but what state dictionaries need is refused. Opening checks that every tensor lies
 * within the file. Tensors are the file's bytes in place; those that are not contiguous are copied
 * when they are first read.
 *
 * <p>Ownership, threads and {@link #close} as for {@link SafetensorsFile}. The metadata are the
 * plain values of {@code args}, where fairseq keeps the model's options.
 */
public final class TorchFile implements TensorSource {
  private static final List<String> NESTED =
      List.of("model", "state_dict", "model_state_dict", "module");
  private static final int DEEPEST = 4;
  private static final String OPTIONS = "args";

  /** What tensors that are not contiguous may take together beyond the size of the file. */
  private static final long COPIES = 64L << 20;

  private final Path path;
  private final Arena arena;
  private final Map<String, MemorySegment> storages;
  private final Map<String, TorchTensor> tensors;
  private final Map<String, String> metadata;
  private final Map<String, MemorySegment> copies = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private TorchFile(
      Path path,
      Arena arena,
      Map<String, MemorySegment> storages,
      Map<String, TorchTensor> tensors,
      Map<String, String> metadata) {
    this.path = path;
    this.arena = arena;
    this.storages = storages;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * Maps a file and finds its tensors.
   *
   * @throws CodonfuseException if it cannot be read, is damaged, holds no state dictionary, or its
   *     pickle does anything else than make one
   */
  public static TorchFile open(Path path) {
    return MappedFile.open(path, "a PyTorch file", TorchFile::of);
  }

  static TorchFile of(Path path, Arena arena, MemorySegment file) {
    TorchContainer container = TorchContainer.read(path, file);
    if (!(container.content() instanceof Dictionary root)) {
      throw noTensors(path);
    }
    Map<String, TorchTensor> tensors = tensors(root, 0);
    if (tensors.isEmpty()) {
      throw noTensors(path);
    }
    requireCopiesFit(path, file.byteSize(), tensors);
    return new TorchFile(
        path,
        arena,
        container.storages(),
        Collections.unmodifiableMap(tensors),
        Collections.unmodifiableMap(options(root)));
  }

  /** The tensors of the innermost state dictionary. */
  private static Map<String, TorchTensor> tensors(Dictionary dictionary, int depth) {
    for (String key : NESTED) {
      if (depth < DEEPEST && dictionary.entries().get(key) instanceof Dictionary nested) {
        Map<String, TorchTensor> tensors = tensors(nested, depth + 1);
        if (!tensors.isEmpty()) {
          return tensors;
        }
      }
    }
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    dictionary
        .entries()
        .forEach(
            (name, value) -> {
              if (value instanceof TorchTensor tensor) {
                tensors.put(name, tensor);
              }
            });
    return tensors;
  }

  private static Map<String, String> options(Dictionary root) {
    Map<String, String> options = new TreeMap<>();
    if (root.entries().get(OPTIONS) instanceof Dictionary arguments) {
      arguments
          .entries()
          .forEach(
              (name, value) -> {
                switch (value) {
                  case String _, Long _, Boolean _, Double _ ->
                      options.put(OPTIONS + "." + name, value.toString());
                  default -> {}
                }
              });
    }
    return options;
  }

  /** Refuses a few bytes that pose as a tensor of terabytes, with strides of 0. */
  private static void requireCopiesFit(
      Path path, long fileBytes, Map<String, TorchTensor> tensors) {
    long left = fileBytes + COPIES;
    for (Map.Entry<String, TorchTensor> tensor : tensors.entrySet()) {
      left -= tensor.getValue().isContiguous() ? 0 : Math.min(left + 1, tensor.getValue().bytes());
      if (left < 0) {
        throw new CodonfuseException(
            "%s: tensor %s %s repeats its elements to more than the file holds; save it contiguous."
                .formatted(path, Names.quoted(tensor.getKey()), tensor.getValue().shape()));
      }
    }
  }

  private static CodonfuseException noTensors(Path path) {
    return new CodonfuseException(
        "%s: no dictionary of tensors, neither at the top nor under %s; save the model's"
                .formatted(path, String.join(", ", NESTED))
            + " state_dict().");
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public TensorInfo info(String name) {
    TorchTensor tensor = tensor(name);
    return new TensorInfo(name, tensor.type(), tensor.shape());
  }

  @Override
  public MemorySegment segment(String name) {
    if (closed.get()) {
      throw new IllegalStateException(path + " is closed");
    }
    TorchTensor tensor = tensor(name);
    MemorySegment storage = storages.get(tensor.storage().key());
    return tensor.isContiguous()
        ? tensor.slice(storage)
        : copies.computeIfAbsent(name, _ -> copy(tensor, storage));
  }

  private MemorySegment copy(TorchTensor tensor, MemorySegment storage) {
    MemorySegment copy = arena.allocate(tensor.bytes());
    tensor.copy(storage, copy);
    return copy.asReadOnly();
  }

  private TorchTensor tensor(String name) {
    TorchTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw Names.missing(this, name);
    }
    return tensor;
  }

  /**
   * Unmaps the file; does nothing the second time.
   *
   * @throws IllegalStateException while native code that was handed a segment is still running
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
    }
  }
}
