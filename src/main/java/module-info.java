/** Multimodal learning on mRNA: DNA, RNA and protein language models, aligned at the codon. */
@SuppressWarnings("requires-automatic") // Not all libraries have descriptors.
module org.codonfuse {
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.csv;
  requires com.j2html;
  requires external.umap.java;
  requires hierarchical.clustering;
  requires hipparchus.core;
  requires hipparchus.stat;
  requires info.picocli;
  requires java.desktop;
  requires java.net.http;
  requires static jdk.incubator.vector;
  requires jdk.management;
  requires me.tongfei.progressbar;
  requires org.apache.commons.csv;
  requires org.jfree.jfreechart;
  requires org.jline.terminal;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires VectorGraphics2D;

  exports org.codonfuse;
  exports org.codonfuse.alignment;
  exports org.codonfuse.baseline;
  exports org.codonfuse.cluster;
  exports org.codonfuse.compute;
  exports org.codonfuse.design;
  exports org.codonfuse.embedding;
  exports org.codonfuse.embedding.store;
  exports org.codonfuse.encoder;
  exports org.codonfuse.experiment;
  exports org.codonfuse.explain;
  exports org.codonfuse.fusion;
  exports org.codonfuse.fusion.head;
  exports org.codonfuse.io;
  exports org.codonfuse.lora;
  exports org.codonfuse.parameters;
  exports org.codonfuse.pretraining;
  exports org.codonfuse.report;
  exports org.codonfuse.report.chart;
  exports org.codonfuse.sequence;
  exports org.codonfuse.token;
  exports org.codonfuse.training;
  exports org.codonfuse.training.metrics;
  exports org.codonfuse.training.run;
  exports org.codonfuse.weights;
  exports org.codonfuse.weights.hub;

  opens org.codonfuse.explain to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.fusion to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.embedding.store to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.pretraining to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.training to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.training.run to
      com.fasterxml.jackson.databind;
  opens org.codonfuse.cli to
      info.picocli,
      com.fasterxml.jackson.databind;

  uses org.codonfuse.compute.BackendProvider;

  provides org.codonfuse.compute.BackendProvider with
      org.codonfuse.compute.torch.TorchProvider,
      org.codonfuse.compute.vector.VectorProvider,
      org.codonfuse.compute.scalar.ScalarProvider;
}
