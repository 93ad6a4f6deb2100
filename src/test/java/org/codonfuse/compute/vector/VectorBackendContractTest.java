package org.codonfuse.compute.vector;

import org.codonfuse.compute.Backend;
import org.codonfuse.compute.BackendContractTest;
import org.junit.jupiter.api.Nested;

/** The Vector API computes what the scalar backend does, whatever the width of its vectors. */
class VectorBackendContractTest {
  private static final ForcedWidth BITS_128 = new ForcedWidth(128);
  private static final ForcedWidth BITS_256 = new ForcedWidth(256);
  private static final ForcedWidth BITS_512 = new ForcedWidth(512);

  @Nested
  class With128Bits extends BackendContractTest {
    @Override
    protected Backend open() {
      return BITS_128.open(2);
    }
  }

  @Nested
  class With256Bits extends BackendContractTest {
    @Override
    protected Backend open() {
      return BITS_256.open(2);
    }
  }

  @Nested
  class With512Bits extends BackendContractTest {
    @Override
    protected Backend open() {
      return BITS_512.open(2);
    }
  }
}
