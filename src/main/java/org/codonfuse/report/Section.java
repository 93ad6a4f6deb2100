package org.codonfuse.report;

import java.util.Optional;

/** Makes a chapter of a report. */
@FunctionalInterface
interface Section {
  /** The chapter, unless the runs have nothing to say about it. */
  Optional<Chapter> of(ReportData data);
}
