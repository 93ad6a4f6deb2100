package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.codonfuse.CodonfuseException;
import org.codonfuse.UsageException;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backends.Request;
import org.codonfuse.compute.Backends.Selection;
import org.codonfuse.compute.scalar.ScalarProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendsTest {
  private static final Unavailable MISSING =
      new Unavailable("libtorch.so is missing", "set LIBTORCH_HOME");

  private final List<Integer> threads = new ArrayList<>();
  private final BackendProvider broken = new Fake("torch", MISSING);
  private final BackendProvider working = new Fake("vector", new Available("256 bits"));
  private final BackendProvider scalar = new ScalarProvider();

  @Test
  void autoTakesTheFirstAvailable() {
    Selection selection = select("auto", "cpu", false, working, scalar);
    assertEquals("vector", selection.backend().name());
    assertTrue(selection.rejected().isEmpty());
    assertEquals("Backend vector: vector on cpu", selection.describe());
  }

  @Test
  void autoFallsBackAndKeepsTheReasons() {
    Selection selection = select("auto", "auto", false, broken, scalar);
    assertEquals("scalar", selection.backend().name());
    assertEquals(
        List.of("torch (cuda:0)", "torch (cpu)"), List.copyOf(selection.rejected().keySet()));
    assertEquals(MISSING, selection.rejected().get("torch (cpu)"));
    String line = selection.describe();
    assertTrue(
        line.contains("; not torch (cpu): libtorch.so is missing (set LIBTORCH_HOME)"), line);
    assertEquals(1, line.lines().count());
  }

  @Test
  void autoDevicePrefersCuda() {
    Selection selection = select("auto", "auto", false, working, scalar);
    assertEquals(new Device(Device.Kind.CUDA, 0), selection.backend().device());
  }

  @ParameterizedTest
  @CsvSource({"auto, 1, 1", "cuda, 1, 1", "CUDA, 3, 0", "auto, 5, 2", "cuda:1, 2, 1"})
  void processesOfAMachineTakeItsGpusInTurn(String device, int localRank, int gpu) {
    Request request = new Request("auto", device, 1, Work.INFERENCE, localRank, false);
    Selection selection = Backends.select(request, List.of(working, scalar));
    assertEquals(new Device(Device.Kind.CUDA, gpu), selection.backend().device());
    selection.backend().close();
  }

  @ParameterizedTest
  @CsvSource({"auto, cuda:0", "cuda, cuda:0", "cuda:2, cuda:2"})
  void tf32IsAskedOfTheProvider(String device, String chosen) {
    Selection selection = select(device, true, working, scalar);
    assertEquals("vector on " + chosen + ", TF32", selection.backend().description());
    assertEquals(
        "vector on " + chosen, select(device, false, working, scalar).backend().description());
  }

  @Test
  void tf32IsRefusedWhereTheCpuComputes() {
    Fake broken = new Fake("torch", MISSING);
    UsageException forced =
        assertThrows(UsageException.class, () -> select("cpu", true, working, scalar));
    assertEquals(
        "--tf32 is for CUDA devices and backend vector would compute on the CPU; leave it out",
        forced.getMessage());
    UsageException chosen =
        assertThrows(UsageException.class, () -> select("auto", true, broken, scalar));
    assertEquals(
        "--tf32 is for CUDA devices and backend scalar would compute on the CPU"
            + " (torch (cuda:0), torch (cpu): libtorch.so is missing, set LIBTORCH_HOME); leave it"
            + " out",
        chosen.getMessage());
    assertThrows(NoBackendException.class, () -> select("cuda", true, broken, scalar));
    assertEquals(0, broken.opened);
    assertThrows(
        UnsupportedOperationException.class, () -> scalar.openWithTf32(Device.CPU, 1).close());
  }

  @Test
  void forcedBackendIsTakenThoughAnotherIsPreferred() {
    Selection selection = select("scalar", "cpu", false, working, scalar);
    assertEquals("scalar", selection.backend().name());
    assertTrue(selection.rejected().isEmpty());
  }

  @Test
  void forcedBackendThatIsUnavailableFailsWithCauseAndRemedy() {
    CodonfuseException e =
        assertThrows(CodonfuseException.class, () -> select("torch", "cpu", false, broken, scalar));
    assertEquals(
        "No backend is available for --backend torch --device cpu:"
            + " torch (cpu): libtorch.so is missing, set LIBTORCH_HOME.",
        e.getMessage());
  }

  @Test
  void forcedCudaNeverBecomesTheCpu() {
    CodonfuseException e =
        assertThrows(
            CodonfuseException.class, () -> select("auto", "cuda:2", false, broken, scalar));
    assertTrue(e.getMessage().contains("torch (cuda:2): libtorch.so is missing"), e.getMessage());
    assertTrue(e.getMessage().contains("scalar (cuda:2): it runs on the CPU"), e.getMessage());
  }

  @Test
  void whatSeveralLackIsSaidOnce() {
    NoBackendException e =
        assertThrows(NoBackendException.class, () -> select("auto", "auto", true, broken, scalar));
    assertEquals(
        "torch (cuda:0), torch (cpu): libtorch.so is missing, set LIBTORCH_HOME;"
            + " scalar: it cannot compute gradients, use --backend torch",
        e.reasons());
    assertTrue(e.getMessage().endsWith(": " + e.reasons() + "."), e.getMessage());
  }

  @Test
  void trainingRefusesBackendsWithoutGradientsAndClosesThem() {
    Fake inference = new Fake("vector", new Available("256 bits"));
    CodonfuseException e =
        assertThrows(
            CodonfuseException.class, () -> select("auto", "cpu", true, broken, inference));
    assertTrue(e.getMessage().startsWith("Training needs a backend with gradients"));
    assertTrue(e.getMessage().contains(MISSING.remedy()), e.getMessage());
    assertTrue(e.getMessage().contains("cannot compute gradients"), e.getMessage());
    assertEquals(1, inference.opened);
    assertEquals(1, inference.closed);
  }

  @Test
  void unknownNamesAreUsageErrorsThatSayWhatThereIs() {
    UsageException backend =
        assertThrows(
            UsageException.class, () -> select("tensorflow", "cpu", false, working, scalar));
    assertTrue(backend.getMessage().contains("'tensorflow'"), backend.getMessage());
    assertTrue(
        backend.getMessage().contains("auto or one of vector, scalar"), backend.getMessage());
    UsageException device =
        assertThrows(UsageException.class, () -> select("auto", "gpu", false, working, scalar));
    assertTrue(device.getMessage().contains("'gpu'"), device.getMessage());
  }

  @Test
  void zeroThreadsAreOnePerCore() {
    select("vector", "cpu", false, working);
    Backends.select(new Request("vector", "cpu", 3, Work.INFERENCE), List.of(working))
        .backend()
        .close();
    assertEquals(List.of(Runtime.getRuntime().availableProcessors(), 3), threads);
  }

  @Test
  void providersAreSortedByPreference() {
    List<BackendProvider> providers = Backends.providers();
    assertEquals("scalar", providers.getLast().name());
    for (int i = 1; i < providers.size(); i++) {
      assertTrue(
          providers.get(i - 1).priority(Device.CPU, Work.TRAINING)
              > providers.get(i).priority(Device.CPU, Work.TRAINING));
    }
  }

  private static Selection select(String device, boolean tf32, BackendProvider... providers) {
    Selection selection =
        Backends.select(
            new Request("auto", device, 1, Work.INFERENCE, 0, tf32), List.of(providers));
    selection.backend().close();
    return selection;
  }

  private static Selection select(
      String backend, String device, boolean trainable, BackendProvider... providers) {
    Selection selection =
        Backends.select(
            new Request(backend, device, 0, trainable ? Work.TRAINING : Work.INFERENCE),
            List.of(providers));
    selection.backend().close();
    return selection;
  }

  private final class Fake implements BackendProvider {
    private final String name;
    private final Availability availability;
    private int opened;
    private int closed;

    Fake(String name, Availability availability) {
      this.name = name;
      this.availability = availability;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int priority(Device device, Work work) {
      return 200;
    }

    @Override
    public Set<Device.Kind> kinds() {
      return EnumSet.allOf(Device.Kind.class);
    }

    @Override
    public int count(Device.Kind kind) {
      return 3;
    }

    @Override
    public Availability probe(Device device) {
      return availability;
    }

    @Override
    public Backend open(Device device, int count) {
      return open(device, count, "");
    }

    @Override
    public Backend openWithTf32(Device device, int count) {
      return open(device, count, ", TF32");
    }

    /** A backend that says what it is and does nothing else. */
    private Backend open(Device device, int count, String how) {
      opened++;
      threads.add(count);
      return (Backend)
          java.lang.reflect.Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (_, method, _) ->
                  switch (method.getName()) {
                    case "name" -> name;
                    case "device" -> device;
                    case "description" -> name + " on " + device + how;
                    case "close" -> {
                      closed++;
                      yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }
  }
}
