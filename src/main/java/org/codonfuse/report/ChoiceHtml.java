package org.codonfuse.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.util.List;
import java.util.function.Function;

/** Choices as HTML: groups with their names, before which the script puts a list to choose from. */
final class ChoiceHtml {
  private ChoiceHtml() {}

  /**
   * A choice.
   *
   * @param content makes the blocks of an option
   */
  static DomContent of(Block.Choice choice, Function<Block, DomContent> content) {
    if (choice.options().size() == 1) {
      return div(each(made(choice.options().getFirst(), content), c -> c));
    }
    return div(each(
            choice.options(),
            option ->
                div(p(option.name()).withClass("option-name"), each(made(option, content), c -> c))
                    .withClass("option")
                    .attr("role", "group")
                    .attr("aria-label", choice.label() + ": " + option.name())))
        .withClass("choice")
        .withId(choice.id())
        .withData("label", choice.label());
  }

  /** At once, because figures get their numbers in this order. */
  private static List<DomContent> made(Block.Option option, Function<Block, DomContent> content) {
    return option.blocks().stream().map(content).toList();
  }
}
