package org.codonfuse.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** PyTorch files built byte by byte, broken and hostile ones included. */
final class TorchBytes {
  static final String MAGIC = "\u0080\2\u008a\12l\u00fc\u009cF\u00f9 j\u00a8P\u0019.";

  private TorchBytes() {}

  /** A file that PyTorch wrote, see make.py beside it. */
  static Path written(String name) {
    URL resource = Objects.requireNonNull(TorchBytes.class.getResource("/weights/torch/" + name));
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A pickle of protocol 2: one character a byte. */
  static String pickle(String body) {
    return "\u0080\2" + body + ".";
  }

  static String text(String text) {
    return "X" + little(text.length()) + text;
  }

  static String little(int value) {
    return new String(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array(),
        StandardCharsets.ISO_8859_1);
  }

  static String integer(int value) {
    return "J" + little(value);
  }

  static String tuple(int... values) {
    StringBuilder tuple = new StringBuilder("(");
    for (int value : values) {
      tuple.append(integer(value));
    }
    return tuple + "t";
  }

  static String storage(String key, int elements) {
    return "("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text(key)
        + text("cpu")
        + integer(elements)
        + "tQ";
  }

  /** A float32 tensor over a storage. */
  static String tensor(String storage, int offset, String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + integer(offset)
        + shape
        + strides
        + "\u0089ccollections\nOrderedDict\n)RtR";
  }

  /** The state dictionary {@code {"t": tensor}}. */
  static String single(String tensor) {
    return pickle("}" + text("t") + tensor + "s");
  }

  /** A zip archive as PyTorch writes it, with one storage "0". */
  static byte[] archive(String pickle, int storageBytes) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("a/data.pkl", latin(pickle));
    entries.put("a/byteorder", latin("little"));
    entries.put("a/data/0", new byte[storageBytes]);
    entries.put("a/version", latin("3\n"));
    return zip(entries, ZipEntry.STORED);
  }

  static byte[] zip(Map<String, byte[]> entries, int method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        entry.setMethod(method);
        entry.setSize(content.getValue().length);
        CRC32 crc = new CRC32();
        crc.update(content.getValue());
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The container of PyTorch before 1.6, with what follows the list of storage keys. */
  static byte[] legacy(String pickle, String keys, byte[] storages) {
    String head =
        MAGIC + pickle("M\u00e9\3") + pickle("}" + text("little_endian") + "\u0088s") + pickle;
    byte[] pickles = latin(head + pickle(keys));
    return ByteBuffer.allocate(pickles.length + storages.length).put(pickles).put(storages).array();
  }

  static Path write(Path path, byte[] content) {
    try {
      return Files.write(path, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
