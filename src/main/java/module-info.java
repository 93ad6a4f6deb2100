/** Multimodal learning on mRNA: DNA, RNA and protein language models, aligned at the codon. */
module org.codonfuse {
  requires org.slf4j;
  requires info.picocli;
  requires com.fasterxml.jackson.databind;
  requires org.apache.commons.csv;
}
