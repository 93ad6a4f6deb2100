package org.codonfuse.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.codonfuse.CodonfuseException;

/**
 * The entries of a mapped zip archive in place, for {@link java.util.zip} only copies them. They
 * must be stored, as PyTorch writes them. Archives beyond 4 GiB (zip64) are read too.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE.TXT</a>
 */
final class ZipEntries {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int LOCATOR = 0x07064b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int END64 = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int ZIP64 = 1;
  private static final int ENCRYPTED = 1;
  private static final long IN_ZIP64 = 0xffffffffL;

  /** Far more than the storages of any model take. */
  private static final long LONGEST_DIRECTORY = 16L << 20;

  private final Path path;
  private final MemorySegment file;

  private ZipEntries(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Reads the central directory.
   *
   * @return the bytes of every entry by its name
   * @throws CodonfuseException if the archive is damaged, or an entry is compressed or encrypted,
   *     there twice, or named to lie elsewhere
   */
  static Map<String, MemorySegment> of(Path path, MemorySegment file) {
    return new ZipEntries(path, file).read();
  }

  private Map<String, MemorySegment> read() {
    long end = end();
    long size = u32(end + 12);
    long begin = u32(end + 16);
    long behind = end;
    long locator = end - LOCATOR_BYTES;
    if (locator >= 0 && i32(locator) == LOCATOR) {
      behind = i64(locator + 8);
      if (behind < 0 || behind > locator - END64_BYTES || i32(behind) != END64) {
        throw damaged("its zip64 directory is not where it should be");
      }
      size = i64(behind + 40);
      begin = i64(behind + 48);
    }
    if (begin < 0 || size < 0 || begin > behind || size != behind - begin) {
      throw damaged("its zip directory is not where it should be");
    }
    if (size > LONGEST_DIRECTORY) {
      throw damaged("its zip directory has " + size + " bytes");
    }
    Map<String, MemorySegment> entries = new LinkedHashMap<>();
    long at = begin;
    while (at < behind) {
      at = entry(at, begin, behind, entries);
    }
    return entries;
  }

  /** Where the end record is: at the end of the file but for a comment. */
  private long end() {
    long last = file.byteSize() - END_BYTES;
    for (long at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
      if (i32(at) == END && u16(at + 20) == last - at) {
        return at;
      }
    }
    throw damaged("truncated: the directory at the end of a zip file is missing");
  }

  private long entry(long at, long data, long end, Map<String, MemorySegment> entries) {
    if (end - at < ENTRY_BYTES || i32(at) != ENTRY) {
      throw damaged("its zip directory breaks off");
    }
    int nameBytes = u16(at + 28);
    int extraBytes = u16(at + 30);
    long next = at + ENTRY_BYTES + nameBytes + extraBytes + u16(at + 32);
    if (next > end) {
      throw damaged("its zip directory breaks off");
    }
    String name = text(at + ENTRY_BYTES, nameBytes);
    if (!isPlain(name)) {
      throw damaged("its zip entry " + Names.quoted(name) + " has no plain relative name");
    }
    if ((u16(at + 8) & ENCRYPTED) != 0 || u16(at + 10) != 0) {
      throw new CodonfuseException(
          "%s: its zip entry %s is compressed or encrypted; save it with torch.save, which stores it."
              .formatted(path, Names.quoted(name)));
    }
    long packed = u32(at + 20);
    long size = u32(at + 24);
    long local = u32(at + 42);
    if (packed == IN_ZIP64 || size == IN_ZIP64 || local == IN_ZIP64) {
      Wide wide = new Wide(at + ENTRY_BYTES + nameBytes, extraBytes);
      size = wide.value(size);
      packed = wide.value(packed);
      local = wide.value(local);
    }
    if (packed != size || local < 0 || local > data - LOCAL_BYTES || i32(local) != LOCAL) {
      throw damaged("its zip entry " + Names.quoted(name) + " is not where it should be");
    }
    long begin = local + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
    if (size < 0 || begin > data || size > data - begin) {
      throw damaged("its zip entry " + Names.quoted(name) + " is not where it should be");
    }
    if (entries.put(name, file.asSlice(begin, size)) != null) {
      throw damaged("its zip entry " + Names.quoted(name) + " is there twice");
    }
    return next;
  }

  private static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.startsWith("/")
        && name.indexOf('\\') < 0
        && name.indexOf('\0') < 0
        && !("/" + name + "/").contains("/../");
  }

  /** The 64-bit values of an entry, for those fields that are all ones, in their order. */
  private final class Wide {
    private long at;
    private long end;

    Wide(long extras, int extraBytes) {
      long behind = extras + extraBytes;
      long extra = extras;
      while (behind - extra >= 4) {
        long next = extra + 4 + u16(extra + 2);
        if (u16(extra) == ZIP64 && next <= behind) {
          at = extra + 4;
          end = next;
          return;
        }
        extra = next;
      }
    }

    long value(long narrow) {
      if (narrow != IN_ZIP64) {
        return narrow;
      }
      if (end - at < Long.BYTES) {
        throw damaged("its zip directory lacks the size of an entry");
      }
      at += Long.BYTES;
      return i64(at - Long.BYTES);
    }
  }

  private String text(long at, int length) {
    return new String(
        file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private int u16(long at) {
    return Short.toUnsignedInt(file.get(LittleEndian.INT16, at));
  }

  private int i32(long at) {
    return file.get(LittleEndian.INT32, at);
  }

  private long u32(long at) {
    return Integer.toUnsignedLong(i32(at));
  }

  private long i64(long at) {
    return file.get(LittleEndian.INT64, at);
  }

  private CodonfuseException damaged(String what) {
    return SafetensorsHeader.damaged(path, what);
  }
}
