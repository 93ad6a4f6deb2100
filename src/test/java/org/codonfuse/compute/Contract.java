package org.codonfuse.compute;

import java.util.List;

/** What the parts of {@link BackendContractTest} are given. */
interface Contract {
  Comparison compare();

  List<DType> floatingTypes();
}
