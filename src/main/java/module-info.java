/** Multimodal learning on mRNA: DNA, RNA and protein language models, aligned at the codon. */
@SuppressWarnings("requires-automatic") // Hipparchus has no module descriptor.
module org.codonfuse {
  requires org.slf4j;
  requires info.picocli;
  requires com.fasterxml.jackson.databind;
  requires org.apache.commons.csv;
  requires hipparchus.core;
  requires hipparchus.stat;
  requires htsjdk;

  uses org.codonfuse.compute.BackendProvider;

  provides org.codonfuse.compute.BackendProvider with
      org.codonfuse.compute.scalar.ScalarProvider;
}
