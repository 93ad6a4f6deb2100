package org.codonfuse.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The names out of Python modules that a state dictionary may mention. Nothing is looked up. */
enum TorchGlobal {
  ORDERED_DICT("collections.OrderedDict"),
  NAMESPACE("argparse.Namespace"),
  SIZE("torch.Size"),
  REBUILD_TENSOR("torch._utils._rebuild_tensor_v2"),
  REBUILD_PARAMETER("torch._utils._rebuild_parameter"),
  DOUBLE_STORAGE("DoubleStorage", StoredType.F64),
  FLOAT_STORAGE("FloatStorage", StoredType.F32),
  HALF_STORAGE("HalfStorage", StoredType.F16),
  BFLOAT16_STORAGE("BFloat16Storage", StoredType.BF16),
  LONG_STORAGE("LongStorage", StoredType.I64),
  INT_STORAGE("IntStorage", StoredType.I32),
  SHORT_STORAGE("ShortStorage", StoredType.I16),
  CHAR_STORAGE("CharStorage", StoredType.I8),
  BYTE_STORAGE("ByteStorage", StoredType.U8),
  BOOL_STORAGE("BoolStorage", StoredType.BOOL),
  DTYPE("torch.dtype");

  private static final List<String> DTYPES =
      List.of(
          "float64",
          "float32",
          "float16",
          "bfloat16",
          "int64",
          "int32",
          "int16",
          "int8",
          "uint8",
          "bool");
  private static final String TORCH = "torch.";
  private static final Map<String, TorchGlobal> BY_NAME = new HashMap<>();

  static {
    for (TorchGlobal global : values()) {
      BY_NAME.put(global.label, global);
      if (global.stored.isPresent()) {
        // Files from a GPU name the classes there, and hold the same bytes.
        BY_NAME.put(global.label.replace(TORCH, "torch.cuda."), global);
      }
    }
    // Types of elements are pickled by their own names, never by that of their class.
    BY_NAME.remove(DTYPE.label);
    DTYPES.forEach(name -> BY_NAME.put(TORCH + name, DTYPE));
  }

  private final String label;
  private final Optional<StoredType> stored;

  TorchGlobal(String label) {
    this.label = label;
    this.stored = Optional.empty();
  }

  TorchGlobal(String storage, StoredType stored) {
    this.label = "torch." + storage;
    this.stored = Optional.of(stored);
  }

  /** The element type of a storage. */
  Optional<StoredType> stored() {
    return stored;
  }

  /** The name in messages. */
  String label() {
    return label;
  }

  static Optional<TorchGlobal> of(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }
}
