package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TorchProcessGroupTest {
  @Test
  void theLoopbackInterfaceIsForProcessesOfOneMachine() {
    assertEquals("10.1.2.3", TorchProcessGroup.reachable(List.of("127.0.1.1", "10.1.2.3")));
    assertEquals("fe80:0:0:0:0:0:0:1", TorchProcessGroup.reachable(List.of("fe80:0:0:0:0:0:0:1")));
    assertEquals("127.0.1.1", TorchProcessGroup.reachable(List.of("127.0.1.1", "127.0.1.1")));
    assertEquals("0:0:0:0:0:0:0:1", TorchProcessGroup.reachable(List.of("0:0:0:0:0:0:0:1")));
  }
}
