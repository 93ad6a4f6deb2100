package org.codonfuse.cluster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** One of the processes, as users can find it. */
record Member(int rank, String host, long process) {
  static Member here(int rank) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "a node without a name";
    }
    return new Member(rank, host, ProcessHandle.current().pid());
  }

  static Member read(DataInput in) throws IOException {
    return new Member(in.readInt(), in.readUTF(), in.readLong());
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(rank);
    out.writeUTF(host);
    out.writeLong(process);
  }

  /** Such as {@code Rank 1 (process 4711 on gpu02)}. */
  @Override
  public String toString() {
    return "Rank %d (process %d on %s)".formatted(rank, process, host);
  }
}
