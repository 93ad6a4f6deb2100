package org.codonfuse.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.compute.Shape;
import org.codonfuse.weights.PickleValues.Dictionary;
import org.codonfuse.weights.PickleValues.None;
import org.codonfuse.weights.PickleValues.Tuple;

/** What the few calls mean that a state dictionary may make, and the storages it mentions. */
final class TorchObjects {
  /** The most dimensions that PyTorch represents. */
  private static final int MOST_DIMENSIONS = 64;

  private final Map<String, TorchStorage> storages = new LinkedHashMap<>();

  /** All storages, by key. */
  Map<String, TorchStorage> storages() {
    return storages;
  }

  /** The value of a call: REDUCE. */
  Object call(PickleInput in, Object callee, List<Object> arguments) {
    if (!(callee instanceof TorchGlobal global)) {
      throw in.refused("calls something that is no function");
    }
    int count = arguments.size();
    Object first = count == 0 ? None.NONE : arguments.getFirst();
    Object result =
        switch (global) {
          case ORDERED_DICT -> count == 0 ? new Dictionary(Dictionary.Kind.ORDERED_DICT) : null;
          case SIZE -> count == 1 && first instanceof Tuple ? first : null;
          case REBUILD_TENSOR -> count == 6 || count == 7 ? tensor(in, arguments) : null;
          case REBUILD_PARAMETER -> count == 3 && first instanceof TorchTensor ? first : null;
          default -> null;
        };
    if (result == null) {
      throw in.refused("calls " + global.label() + " as PyTorch does not");
    }
    return result;
  }

  /** A new object of a class: NEWOBJ. */
  Object create(PickleInput in, Object type, List<Object> arguments) {
    if (type == TorchGlobal.NAMESPACE && arguments.isEmpty()) {
      return new Dictionary(Dictionary.Kind.NAMESPACE);
    }
    throw in.refused(
        "creates an object of "
            + (type instanceof TorchGlobal global ? global.label() : "something that is no class"));
  }

  /** Gives an object its attributes: BUILD. */
  void setState(PickleInput in, Object target, Object state) {
    if (!(target instanceof Dictionary object)
        || object.kind() == Dictionary.Kind.DICT
        || !(state instanceof Dictionary attributes)) {
      throw in.refused("sets the state of something other than a namespace");
    }
    // An OrderedDict has attributes, such as the versions of modules, that are none of its entries.
    if (object.kind() == Dictionary.Kind.NAMESPACE) {
      object.entries().putAll(attributes.entries());
    }
  }

  /** The storage of a persistent id: {@code ('storage', class, key, device, elements[, part])}. */
  TorchStorage.Part storage(PickleInput in, Object id) {
    if (!(id instanceof Tuple tuple) || tuple.items().size() < 5 || tuple.items().size() > 6) {
      throw in.damaged("refers to something other than a storage");
    }
    List<Object> items = tuple.items();
    if (!"storage".equals(items.get(0))
        || !(items.get(1) instanceof TorchGlobal type)
        || type.stored().isEmpty()
        || !(items.get(2) instanceof String key)
        || !(items.get(4) instanceof Long elements)) {
      throw in.damaged("refers to something other than a storage");
    }
    StoredType stored = type.stored().get();
    if (elements < 0 || elements > Long.MAX_VALUE / stored.bytes()) {
      throw in.damaged("has a storage of " + elements + " elements");
    }
    TorchStorage storage = new TorchStorage(key, stored, elements);
    TorchStorage known = storages.putIfAbsent(key, storage);
    if (known != null && !known.equals(storage)) {
      throw in.damaged("has storage " + Names.quoted(key) + " in two types or sizes");
    }
    return items.size() == 5 || items.get(5) == None.NONE
        ? new TorchStorage.Part(storage, 0, elements)
        : part(in, storage, items.get(5));
  }

  private static TorchStorage.Part part(PickleInput in, TorchStorage storage, Object view) {
    if (!(view instanceof Tuple tuple)
        || tuple.items().size() != 3
        || !(tuple.items().get(1) instanceof Long first)
        || !(tuple.items().get(2) instanceof Long elements)
        || first < 0
        || elements < 0
        || first > storage.elements() - elements) {
      throw in.damaged("has a part that lies outside storage " + Names.quoted(storage.key()));
    }
    return new TorchStorage.Part(storage, first, elements);
  }

  /**
   * {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])}.
   */
  private static TorchTensor tensor(PickleInput in, List<Object> arguments) {
    if (!(arguments.get(0) instanceof TorchStorage.Part part)
        || !(arguments.get(1) instanceof Long offset)) {
      throw in.damaged("has a tensor without a storage");
    }
    List<Long> dims = integers(in, arguments.get(2));
    List<Long> strides = integers(in, arguments.get(3));
    if (dims.size() != strides.size()) {
      throw in.damaged(
          "has a tensor of " + dims.size() + " sizes and " + strides.size() + " strides");
    }
    Shape shape;
    long last;
    try {
      shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      Math.multiplyExact(shape.size(), part.whole().type().bytes());
      last = offset;
      for (int axis = 0; axis < dims.size(); axis++) {
        last =
            Math.addExact(
                last, Math.multiplyExact(Math.max(0, dims.get(axis) - 1), strides.get(axis)));
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw in.damaged("has a tensor of more than 2^63 - 1 bytes");
    }
    if (offset < 0 || offset > part.elements() || (shape.size() > 0 && last >= part.elements())) {
      throw in.damaged(
          "has a tensor %s that lies outside storage %s of %d elements"
              .formatted(shape, Names.quoted(part.whole().key()), part.elements()));
    }
    return new TorchTensor(part.whole(), part.first() + offset, shape, strides);
  }

  private static List<Long> integers(PickleInput in, Object tuple) {
    List<Long> values = new ArrayList<>();
    if (tuple instanceof Tuple sizes && sizes.items().size() <= MOST_DIMENSIONS) {
      for (Object item : sizes.items()) {
        if (item instanceof Long value && value >= 0) {
          values.add(value);
        }
      }
      if (values.size() == sizes.items().size()) {
        return values;
      }
    }
    throw in.damaged("has a tensor whose sizes or strides are not up to 64 integers from 0");
  }
}
