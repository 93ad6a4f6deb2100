/** Multimodal learning on mRNA: DNA, RNA and protein language models, aligned at the codon. */
@SuppressWarnings("requires-automatic") // htsjdk and Hipparchus have no descriptors.
module org.codonfuse {
  requires com.fasterxml.jackson.databind;
  requires hipparchus.core;
  requires hipparchus.stat;
  requires htsjdk;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires org.apache.commons.csv;
  requires org.slf4j;

  opens org.codonfuse.cli to
      info.picocli,
      com.fasterxml.jackson.databind;

  uses org.codonfuse.compute.BackendProvider;

  provides org.codonfuse.compute.BackendProvider with
      org.codonfuse.compute.torch.TorchProvider,
      org.codonfuse.compute.scalar.ScalarProvider;
}
