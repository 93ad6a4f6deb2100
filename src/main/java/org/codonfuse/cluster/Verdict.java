package org.codonfuse.cluster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Who ended before the others, and why. */
record Verdict(Member member, String reason) {
  /** Letters that surely can be sent. */
  private static final int LONGEST = 20_000;

  static Verdict read(DataInput in) throws IOException {
    return new Verdict(Member.read(in), in.readUTF());
  }

  void write(DataOutput out) throws IOException {
    member.write(out);
    out.writeUTF(brief());
  }

  /** The reason as it is sent. */
  String brief() {
    return reason.substring(0, Math.min(reason.length(), LONGEST));
  }

  /**
   * One sentence for the user.
   *
   * @param rank the one that says it
   * @param remedy what to do then
   */
  String sentence(int rank, String remedy) {
    String what =
        rank == member.rank()
            ? "The other ranks ended without " + member
            : member + " ended before the others";
    String end = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    return what + ": " + end + "; " + remedy + ".";
  }
}
