package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.codonfuse.CodonfuseException;

/**
 * What {@code torch.save} wrote: the object that was pickled and the bytes of its storages, in
 * place. Two containers are known: the zip archive of PyTorch 1.6 and later, and the sequence of
 * pickles before it.
 *
 * @param storages by key
 */
record TorchContainer(Object content, Map<String, MemorySegment> storages) {
  private static final String PICKLE = "/data.pkl";
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] TAR = "ustar".getBytes(StandardCharsets.US_ASCII);
  private static final int TAR_AT = 257;
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final byte[] MAGIC_PICKLE = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19
  };
  private static final long LEGACY_PROTOCOL = 1001;

  static TorchContainer read(Path path, MemorySegment file) {
    if (MappedFile.startsWith(file, ZIP)) {
      return archive(path, ZipEntries.of(path, file));
    }
    if (MappedFile.startsWith(file, MAGIC_PICKLE)) {
      return legacy(path, file);
    }
    if (file.byteSize() > TAR_AT && MappedFile.startsWith(file.asSlice(TAR_AT), TAR)) {
      throw new CodonfuseException(
          path
              + ": the tar format of PyTorch before 0.1.10; load it and save it again with a later"
              + " PyTorch.");
    }
    throw SafetensorsHeader.damaged(path, "no file that torch.save wrote");
  }

  private static TorchContainer archive(Path path, Map<String, MemorySegment> entries) {
    List<String> pickles =
        entries.keySet().stream()
            .filter(name -> name.endsWith(PICKLE))
            .filter(name -> name.indexOf('/') == name.length() - PICKLE.length())
            .toList();
    if (pickles.size() != 1) {
      throw SafetensorsHeader.damaged(
          path, "a zip file with " + pickles.size() + " entries data.pkl instead of one");
    }
    String folder = pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    if (entries.containsKey(folder + "/constants.pkl")) {
      throw new CodonfuseException(
          path + ": a TorchScript program instead of weights; save its state_dict() instead.");
    }
    MemorySegment order = entries.get(folder + "/byteorder");
    if (order != null && !MappedFile.startsWith(order, "little".getBytes(StandardCharsets.UTF_8))) {
      throw new CodonfuseException(
          path + ": its numbers are big-endian; save it again on a little-endian machine.");
    }
    TorchObjects objects = new TorchObjects();
    MemorySegment pickle = entries.get(pickles.getFirst());
    Object content = Pickle.load(new PickleInput(path, pickle, 0), objects);
    Map<String, MemorySegment> storages = new HashMap<>();
    for (TorchStorage storage : objects.storages().values()) {
      MemorySegment data = entries.get(folder + "/data/" + storage.key());
      if (data == null) {
        throw missing(path, storage);
      }
      if (data.byteSize() != storage.bytes()) {
        throw SafetensorsHeader.damaged(
            path,
            "storage %s has %d bytes instead of %d"
                .formatted(Names.quoted(storage.key()), data.byteSize(), storage.bytes()));
      }
      storages.put(storage.key(), data);
    }
    return new TorchContainer(content, storages);
  }

  private static TorchContainer legacy(Path path, MemorySegment file) {
    PickleInput magic = new PickleInput(path, file, 0);
    if (!MAGIC.equals(Pickle.load(magic, new TorchObjects()))) {
      throw SafetensorsHeader.damaged(path, "no file that torch.save wrote");
    }
    PickleInput protocol = new PickleInput(path, file, magic.position());
    if (!(Pickle.load(protocol, new TorchObjects()) instanceof Long version)
        || version != LEGACY_PROTOCOL) {
      throw SafetensorsHeader.damaged(path, "its protocol is not " + LEGACY_PROTOCOL);
    }
    PickleInput system = new PickleInput(path, file, protocol.position());
    Pickle.load(system, new TorchObjects());
    PickleInput body = new PickleInput(path, file, system.position());
    TorchObjects objects = new TorchObjects();
    Object content = Pickle.load(body, objects);
    PickleInput list = new PickleInput(path, file, body.position());
    if (!(Pickle.load(list, new TorchObjects()) instanceof List<?> keys)) {
      throw SafetensorsHeader.damaged(path, "the list of its storages is missing");
    }
    Map<String, MemorySegment> storages = new HashMap<>();
    long at = list.position();
    for (Object key : keys) {
      TorchStorage storage = key instanceof String name ? objects.storages().get(name) : null;
      if (storage == null || storages.containsKey(storage.key())) {
        throw SafetensorsHeader.damaged(
            path, "the list of its storages is not that of its tensors");
      }
      if (file.byteSize() - at < Long.BYTES
          || file.get(LittleEndian.INT64, at) != storage.elements()
          || file.byteSize() - at - Long.BYTES < storage.bytes()) {
        throw SafetensorsHeader.damaged(
            path,
            "storage %s is cut off or has another size than %d elements"
                .formatted(Names.quoted(storage.key()), storage.elements()));
      }
      storages.put(storage.key(), file.asSlice(at + Long.BYTES, storage.bytes()));
      at += Long.BYTES + storage.bytes();
    }
    for (TorchStorage storage : objects.storages().values()) {
      if (!storages.containsKey(storage.key())) {
        throw missing(path, storage);
      }
    }
    return new TorchContainer(content, storages);
  }

  private static CodonfuseException missing(Path path, TorchStorage storage) {
    return SafetensorsHeader.damaged(
        path, "storage " + Names.quoted(storage.key()) + " is missing");
  }
}
