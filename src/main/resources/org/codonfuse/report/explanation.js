
/* Shows one option of each choice, and lets the keyboard go through the codons of sequences. */
(() => {
  document.querySelectorAll(".choice").forEach((choice, place) => {
    const options = [...choice.children].filter((child) => child.classList.contains("option"));
    const line = document.createElement("p");
    const label = document.createElement("label");
    const select = document.createElement("select");
    line.className = "chooser";
    select.id = `choice-${place}-select`;
    label.htmlFor = select.id;
    label.textContent = choice.dataset.label;
    options.forEach((option, i) =>
      select.append(new Option(option.querySelector(".option-name").textContent, String(i))));
    line.append(label, select);
    choice.prepend(line);
    choice.classList.add("chosen");
    const show = () => options.forEach((option, i) => {
      option.hidden = i !== Number(select.value);
    });
    select.addEventListener("change", show);
    show();
  });

  document.querySelectorAll(".codons").forEach((list) => {
    const codons = [...list.querySelectorAll("li:not(.key)")];
    if (codons.length === 0) return;
    const readout = document.createElement("p");
    readout.className = "readout";
    readout.setAttribute("aria-live", "polite");
    list.after(readout);
    const tell = (codon) => {
      readout.textContent = codon.dataset.says;
    };
    let current = codons[0];
    const choose = (codon) => {
      current.removeAttribute("tabindex");
      current = codon;
      current.tabIndex = 0;
    };
    codons.forEach((codon) => {
      codon.dataset.says = codon.title;
      codon.removeAttribute("title");
    });
    choose(current);
    /* The codon in the line above or below that is nearest. */
    const beside = (step) => {
      const to = codons.filter((codon) => (codon.offsetTop - current.offsetTop) * step > 0);
      if (to.length === 0) return current;
      const top = step > 0 ? to[0].offsetTop : to.at(-1).offsetTop;
      return to.filter((codon) => codon.offsetTop === top).reduce((a, b) =>
        Math.abs(b.offsetLeft - current.offsetLeft) < Math.abs(a.offsetLeft - current.offsetLeft)
          ? b : a);
    };
    const at = (shift) => codons[codons.indexOf(current) + shift] ?? current;
    const keys = {
      ArrowLeft: () => at(-1),
      ArrowRight: () => at(1),
      ArrowUp: () => beside(-1),
      ArrowDown: () => beside(1),
      Home: () => codons[0],
      End: () => codons.at(-1),
    };
    list.addEventListener("keydown", (event) => {
      if (!(event.key in keys) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      choose(keys[event.key]());
      current.focus();
    });
    list.addEventListener("focusin", (event) => tell(event.target));
    list.addEventListener("pointerover", (event) => {
      const codon = event.target.closest("li:not(.key)");
      if (codon) tell(codon);
    });
    list.addEventListener("click", (event) => {
      const codon = event.target.closest("li:not(.key)");
      if (codon) {
        choose(codon);
        codon.focus();
      }
    });
  });
})();
