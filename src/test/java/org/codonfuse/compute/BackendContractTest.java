package org.codonfuse.compute;

import java.util.List;
import org.codonfuse.compute.scalar.ScalarProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What {@link Backend} promises, checked against the scalar backend. A backend's own test extends
 * this class and opens it; the interfaces hold the tests, by concern.
 */
public abstract class BackendContractTest
    implements MovementContract,
        ElementsContract,
        ReductionsContract,
        LayersContract,
        AttentionContract,
        SpecialValuesContract,
        OwnershipContract,
        RejectionContract {
  private Backend tested;
  private Backend reference;

  /** Opens the backend under test; closed after each test. */
  protected abstract Backend open();

  /** The element types that the backend computes with. */
  @Override
  public List<DType> floatingTypes() {
    return List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
  }

  @BeforeEach
  final void openBackends() {
    tested = open();
    reference = new ScalarProvider().open(Device.CPU, 1);
  }

  @AfterEach
  final void closeBackends() {
    reference.close();
    if (tested != null) {
      tested.close();
    }
  }

  @Override
  public final Comparison compare() {
    return new Comparison(tested, reference);
  }
}
