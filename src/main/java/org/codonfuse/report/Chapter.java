package org.codonfuse.report;

import java.util.List;

/**
 * A part of a report with a heading of its own.
 *
 * @param id of lower-case letters, digits and hyphens, unique in the report; links lead to it
 * @param title the heading
 * @param blocks what is below it, in order
 */
record Chapter(String id, String title, List<Block> blocks) {
  Chapter {
    blocks = List.copyOf(blocks);
  }
}
