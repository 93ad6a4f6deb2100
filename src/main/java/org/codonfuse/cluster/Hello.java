package org.codonfuse.cluster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * How a process introduces itself.
 *
 * @param run see {@link Ranks#run}
 * @param version of Codonfuse
 * @param size how many processes it believes there are
 */
record Hello(String run, String version, int size, Member member) {
  static Hello read(DataInput in) throws IOException {
    return new Hello(in.readUTF(), in.readUTF(), in.readInt(), Member.read(in));
  }

  void write(DataOutput out) throws IOException {
    out.writeUTF(run);
    out.writeUTF(version);
    out.writeInt(size);
    member.write(out);
  }

  /** Whether it is of the same run. */
  boolean isOf(Hello other) {
    return run.equals(other.run);
  }

  /**
   * Why a process of the same run cannot take part.
   *
   * @param first that of rank 0
   */
  Optional<String> disagreement(Hello first) {
    if (!version.equals(first.version)) {
      return Optional.of(
          "%s runs Codonfuse %s and rank 0 %s; use the same everywhere"
              .formatted(member, version, first.version));
    }
    if (size != first.size) {
      return Optional.of(
          "%s was started as one of %d processes and rank 0 as one of %d"
              .formatted(member, size, first.size));
    }
    return member.rank() < 1 || member.rank() >= size
        ? Optional.of(member + " is none of 1 to " + (size - 1))
        : Optional.empty();
  }
}
