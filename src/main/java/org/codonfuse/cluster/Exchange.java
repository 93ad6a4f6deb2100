package org.codonfuse.cluster;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** What every rank gives once; guarded by the cluster. */
final class Exchange {
  private final byte[][] shares;
  private List<byte[]> result;
  private boolean begun;

  Exchange(int size) {
    shares = new byte[size][];
  }

  /** This rank takes part. */
  void begin() {
    begun = true;
  }

  /** Whether anybody does. */
  boolean hasBegun() {
    return begun || Arrays.stream(shares).anyMatch(Objects::nonNull);
  }

  /** Adds the share of a rank. */
  void add(int rank, byte[] share) {
    shares[rank] = share;
  }

  boolean lacks(int rank) {
    return shares[rank] == null;
  }

  boolean isFull() {
    return Arrays.stream(shares).allMatch(Objects::nonNull);
  }

  List<byte[]> parts() {
    return List.of(shares);
  }

  void finish(List<byte[]> parts) {
    result = parts;
  }

  boolean isFinished() {
    return result != null;
  }

  List<byte[]> result() {
    return result;
  }

  static void write(List<byte[]> parts, DataOutputStream out) throws IOException {
    out.writeInt(parts.size());
    for (byte[] part : parts) {
      out.writeInt(part.length);
      out.write(part);
    }
  }

  static List<byte[]> parts(DataInputStream in) throws IOException {
    List<byte[]> parts = new ArrayList<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      byte[] part = new byte[in.readInt()];
      in.readFully(part);
      parts.add(part);
    }
    return parts;
  }
}
