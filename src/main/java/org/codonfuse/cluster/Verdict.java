package org.codonfuse.cluster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Who ended before the others, and why.
 *
 * @param usage whether its command line is wrong, so that the same command would end alike
 */
record Verdict(Member member, String reason, boolean usage) {
  /** Letters that surely can be sent. */
  private static final int LONGEST = 20_000;

  /** Of one that ended for another reason than its command line. */
  Verdict(Member member, String reason) {
    this(member, reason, false);
  }

  static Verdict read(DataInput in) throws IOException {
    return readReason(Member.read(in), in);
  }

  /** Reads what {@link #writeReason} wrote. */
  static Verdict readReason(Member member, DataInput in) throws IOException {
    return new Verdict(member, in.readUTF(), in.readBoolean());
  }

  void write(DataOutput out) throws IOException {
    member.write(out);
    writeReason(out);
  }

  /** Writes all but the member, which the other side knows. */
  void writeReason(DataOutput out) throws IOException {
    out.writeUTF(reason.substring(0, Math.min(reason.length(), LONGEST)));
    out.writeBoolean(usage);
  }

  /**
   * One sentence for the user.
   *
   * @param rank the one that says it
   * @param remedy what to do then, unless the command has to be another one
   */
  String sentence(int rank, String remedy) {
    String end = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    if (usage && rank != member.rank()) {
      return member + " has a wrong command line: " + end + ".";
    }
    String what =
        rank == member.rank()
            ? "The other ranks ended without " + member
            : member + " ended before the others";
    return what + ": " + end + "; " + remedy + ".";
  }
}
