package org.codonfuse.compute.scalar;

import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendContractTest;
import org.codonfuse.compute.Device;

/** Ownership, rejection and legal sizes; the values themselves are checked by ScalarBackendTest. */
class ScalarBackendContractTest extends BackendContractTest {
  @Override
  protected Backend open() {
    return new ScalarProvider().open(Device.CPU, 1);
  }
}
