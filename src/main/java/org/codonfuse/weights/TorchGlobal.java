package org.codonfuse.weights;

import java.util.Arrays;
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
  DTYPE(
      "torch.float64",
      "torch.float32",
      "torch.float16",
      "torch.bfloat16",
      "torch.int64",
      "torch.int32",
      "torch.int16",
      "torch.int8",
      "torch.uint8",
      "torch.bool");

  private static final Map<String, TorchGlobal> BY_NAME = new HashMap<>();

  static {
    Arrays.stream(values())
        .forEach(global -> global.names.forEach(name -> BY_NAME.put(name, global)));
  }

  private final List<String> names;
  private final Optional<StoredType> stored;

  TorchGlobal(String... names) {
    this.names = List.of(names);
    this.stored = Optional.empty();
  }

  /** A storage; files from a GPU name its class there, and hold the same bytes. */
  TorchGlobal(String storage, StoredType stored) {
    this.names = List.of("torch." + storage, "torch.cuda." + storage);
    this.stored = Optional.of(stored);
  }

  /** The element type of a storage. */
  Optional<StoredType> stored() {
    return stored;
  }

  /** The name in messages. */
  String label() {
    return names.getFirst();
  }

  static Optional<TorchGlobal> of(String module, String name) {
    return Optional.ofNullable(BY_NAME.get(module + "." + name));
  }
}
