package org.codonfuse.compute.torch;

import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendContractTest;
import org.codonfuse.compute.Device;

/** LibTorch on the CPU computes what the scalar backend does. */
@RequiresTorch
class TorchBackendContractTest extends BackendContractTest {
  @Override
  protected Backend open() {
    return TorchBackend.open(Device.CPU, 2);
  }
}
