package org.codonfuse.compute.torch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_group_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_group_new;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_group_sum;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_reduction_new;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_store_free;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_store_new;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_store_port;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.codonfuse.compute.CommunicationException;
import org.codonfuse.compute.Device;
import org.codonfuse.compute.GradientReduction;
import org.codonfuse.compute.Peers;
import org.codonfuse.compute.ProcessGroup;
import org.codonfuse.compute.Tensor;

/**
 * Groups of c10d: Gloo for what is in host memory, and for gradients on CUDA devices NCCL. Owns the
 * group's connections and, in the first process, the store in which the others found them.
 */
final class TorchProcessGroup implements ProcessGroup {
  /** Which network interface Gloo listens on, as everywhere with c10d. */
  private static final String INTERFACE = "GLOO_SOCKET_IFNAME";

  private static final Duration JOINING = Duration.ofMinutes(2);

  /**
   * For one operation. Long: a process may wait for another that embeds or writes. Whether those
   * still live is found out otherwise, and sooner.
   */
  private static final Duration OPERATION = Duration.ofHours(2);

  private final Peers peers;
  private final MemorySegment store;
  private final MemorySegment handle;
  private final Leak leak;
  private boolean closed;

  private TorchProcessGroup(Peers peers, MemorySegment store, MemorySegment handle) {
    this.peers = peers;
    this.store = store;
    this.handle = handle;
    this.leak = Leak.watch(this, "process group", "rank " + peers.rank() + " of " + peers.size());
  }

  /**
   * Joins a group; every peer does the same.
   *
   * @throws CommunicationException if a peer cannot be reached
   */
  static TorchProcessGroup join(Peers peers, Device device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment server =
          peers.rank() == 0 ? connect(arena, peers.host(), 0, true) : MemorySegment.NULL;
      MemorySegment store = server;
      try {
        Place first = meet(peers, cf_store_port(server));
        if (peers.rank() > 0) {
          store = connect(arena, first.address, first.port, false);
        }
        MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
        Native.check(
            cf_group_new(
                store,
                string(arena, Optional.ofNullable(System.getenv(INTERFACE))),
                arena.allocateFrom(addressTowards(first)),
                Native.code(device.kind()),
                peers.rank(),
                peers.size(),
                OPERATION.toMillis(),
                out));
        return new TorchProcessGroup(peers, store, out.get(ValueLayout.ADDRESS, 0));
      } catch (Throwable e) {
        cf_store_free(store);
        throw e;
      }
    }
  }

  /** Where the first process is, and its store. */
  private record Place(String address, int port) {}

  /**
   * Agrees on where that is.
   *
   * @param port of the store, in the first process
   */
  private static Place meet(Peers peers, int port) {
    byte[] address;
    try {
      address = InetAddress.getByName(peers.host()).getHostAddress().getBytes(UTF_8);
    } catch (UnknownHostException e) {
      throw new CommunicationException("The name " + peers.host() + " is not known here.", e);
    }
    List<byte[]> all =
        peers
            .exchange()
            .apply(
                ByteBuffer.allocate(Integer.BYTES + address.length)
                    .putInt(port)
                    .put(address)
                    .array());
    List<String> addresses =
        all.stream()
            .map(said -> new String(said, Integer.BYTES, said.length - Integer.BYTES, UTF_8))
            .toList();
    return new Place(reachable(addresses), ByteBuffer.wrap(all.getFirst()).getInt());
  }

  /**
   * The address of the first process that serves all.
   *
   * @param addresses what its name stands for in each process: in those of its own machine often
   *     the loopback interface, which the others do not reach
   */
  static String reachable(List<String> addresses) {
    return addresses.stream()
        .filter(address -> !InetAddress.ofLiteral(address).isLoopbackAddress())
        .findFirst()
        .orElseGet(addresses::getFirst);
  }

  private static MemorySegment connect(Arena arena, String host, int port, boolean server) {
    MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
    Native.check(
        cf_store_new(arena.allocateFrom(host), port, server ? 1 : 0, JOINING.toMillis(), out));
    return out.get(ValueLayout.ADDRESS, 0);
  }

  private static MemorySegment string(Arena arena, Optional<String> text) {
    return text.map(arena::allocateFrom).orElse(MemorySegment.NULL);
  }

  /** This machine's address in the network in which the first process is. Sends nothing. */
  private static String addressTowards(Place first) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(first.address, 9));
      return socket.getLocalAddress().getHostAddress();
    } catch (SocketException | UncheckedIOException e) {
      throw new CommunicationException(
          "There is no way to " + first.address + " (" + e.getMessage() + ").", e);
    }
  }

  @Override
  public int rank() {
    return peers.rank();
  }

  @Override
  public int size() {
    return peers.size();
  }

  @Override
  public void sum(double[] values) {
    withNative(values, (segment, count) -> cf_group_sum(handle(), segment, count));
  }

  @Override
  public List<byte[]> exchange(byte[] mine) {
    return peers.exchange().apply(mine);
  }

  @Override
  public GradientReduction reduction(List<Tensor> parameters) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      Native.check(
          cf_reduction_new(handle(), Native.handles(arena, parameters), parameters.size(), out));
      return new TorchReduction(out.get(ValueLayout.ADDRESS, 0), parameters.size());
    }
  }

  /** A native function that replaces values. */
  @FunctionalInterface
  interface Replacing {
    MemorySegment call(MemorySegment values, long count);
  }

  /** Calls it with a copy of the values and takes over what it made of them. */
  static void withNative(double[] values, Replacing function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
      Native.check(function.call(segment, values.length));
      MemorySegment.copy(segment, ValueLayout.JAVA_DOUBLE, 0, values, 0, values.length);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cf_group_free(handle);
      cf_store_free(store);
      leak.released();
    }
  }

  private MemorySegment handle() {
    if (closed) {
      throw new IllegalStateException("The process group was used after it was closed");
    }
    return handle;
  }
}
