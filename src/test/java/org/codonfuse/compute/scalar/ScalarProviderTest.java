package org.codonfuse.compute.scalar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.codonfuse.CodonfuseException;
import org.codonfuse.compute.Availability.Available;
import org.codonfuse.compute.Availability.Unavailable;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.Backends;
import org.codonfuse.compute.Device;
import org.junit.jupiter.api.Test;

class ScalarProviderTest {
  private final ScalarProvider provider = new ScalarProvider();

  @Test
  void isFoundAndOpensOnTheCpu() {
    assertTrue(Backends.providers().stream().anyMatch(ScalarProvider.class::isInstance));
    assertInstanceOf(Available.class, provider.probe(Device.CPU));
    try (Backend backend = provider.open(Device.CPU, 2)) {
      assertEquals("scalar", backend.name());
      assertEquals(Device.CPU, backend.device());
    }
  }

  @Test
  void refusesOtherDevicesWithARemedy() {
    Device device = Device.parse("cuda:1");
    Unavailable reason = assertInstanceOf(Unavailable.class, provider.probe(device));
    assertTrue(reason.remedy().contains("--device cpu"), reason.remedy());
    CodonfuseException e = assertThrows(CodonfuseException.class, () -> provider.open(device, 1));
    assertTrue(e.getMessage().contains(reason.cause()), e.getMessage());
    assertTrue(e.getMessage().contains(reason.remedy()), e.getMessage());
  }
}
