package org.codonfuse.compute.torch;

import org.codonfuse.TestBackends;
import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendContractTest;
import org.junit.jupiter.api.Tag;

/** LibTorch on the CPU computes what the scalar backend does. */
@Tag(TestBackends.TAG)
@RequiresTorch
class TorchBackendContractTest extends BackendContractTest {
  @Override
  protected Backend open() {
    return TorchBackend.open(TestBackends.device(TorchProvider.NAME), 2, false);
  }
}
