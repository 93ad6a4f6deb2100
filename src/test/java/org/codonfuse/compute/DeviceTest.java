package org.codonfuse.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.codonfuse.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @ParameterizedTest
  @CsvSource({"cpu,CPU,0", "CPU,CPU,0", "cuda,CUDA,0", "cuda:0,CUDA,0", "Cuda:12,CUDA,12"})
  void readsDevices(String text, Device.Kind kind, int index) {
    assertEquals(new Device(kind, index), Device.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "gpu", "cpu:1", "cuda:", "cuda:-1", "cuda:x", "cuda:99999999999", " cpu"})
  void unknownDevicesAreUsageErrorsThatSayWhatThereIs(String text) {
    UsageException e = assertThrows(UsageException.class, () -> Device.parse(text));
    assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
    assertTrue(e.getMessage().contains("cpu, cuda or cuda:N"), e.getMessage());
  }

  @Test
  void writesWhatItReads() {
    for (Device device : new Device[] {Device.CPU, new Device(Device.Kind.CUDA, 3)}) {
      assertEquals(device, Device.parse(device.toString()));
    }
  }

  @Test
  void thereIsOneCpuAndNoNegativeIndex() {
    assertThrows(IllegalArgumentException.class, () -> new Device(Device.Kind.CPU, 1));
    assertThrows(IllegalArgumentException.class, () -> new Device(Device.Kind.CUDA, -1));
  }
}
