/* Enhancements such as one-click suggestions. Everything works without this file. */
"use strict";

(() => {
  /** Return the input that an error list in the admin's markup is about. */
  const inputOf = (offer) => {
    const place = offer.closest("td, .fieldBox, .form-row, div");
    return place && place.querySelector("input:not([type=checkbox], [type=hidden]), textarea");
  };

  // The server's separators between names, and also the bar, which join() puts back unchanged.
  const SEPARATORS = /([\s,;/\\"()[\]{}<>|\u2022\u2013\u201c\u201d\u201e]+)/;

  /** Replace the mistake with the suggestion: one name of a list, or the whole text. */
  const take = (offer) => {
    const input = inputOf(offer);
    const { corsadminValue: value, corsadminInstead: instead } = offer.dataset;
    const words = input.value.split(SEPARATORS);
    const place = words.indexOf(instead);
    if (words.length > 1 && place !== -1) {
      words[place] = value;
      input.value = words.join("");
    } else {
      input.value = value;
    }
    offer.disabled = true;
    input.focus();
  };

  /** Show the field for the new end only for the action that uses it. */
  const followAction = (list) => {
    const action = list.querySelector("[name=action]");
    const time = list.querySelector("[name=valid_until]");
    if (!action || !time) {
      return;
    }
    const show = () => {
      time.closest("label").hidden = action.value !== "set_end";
    };
    show();
    action.addEventListener("change", show);
    // When the user goes back, the browser restores the chosen action.
    window.addEventListener("pageshow", show);
  };

  /** Report below the choice of presets what it added. */
  const tell = (choice, text) => {
    const place = choice.closest(".flex-container") || choice;
    const told = place.parentElement.querySelector(".corsadmin-told") || document.createElement("div");
    told.className = "help corsadmin-told";
    told.setAttribute("role", "status");
    place.after(told);
    told.textContent = text;
  };

  /** Add the names of a preset to the visible lists of its path rule. */
  const addNames = (choice) => {
    const source = document.getElementById("corsadmin-presets");
    const preset = source && JSON.parse(source.textContent)[choice.value];
    if (!preset) {
      return;
    }
    const prefix = choice.name.slice(0, -"preset".length);
    const added = [];
    for (const [field, names] of Object.entries(preset.lists)) {
      const input = document.querySelector(`[name="${prefix}${field}"]`);
      const listed = input.value.split(SEPARATORS).filter((part) => part && !SEPARATORS.test(part));
      // Methods are case-sensitive, header names are not.
      const present = listed.map((name) => (field === "methods" ? name : name.toLowerCase()));
      const lacking = names.filter((name) => !present.includes(name));
      input.value = [...listed, ...lacking].join(", ");
      added.push(...lacking);
    }
    const { corsadminAdded: text, corsadminHeld: held } = choice.dataset;
    const what = added.length ? text.replace("%(names)s", `${added.join(", ")}.`) : held;
    tell(choice, `${what} ${preset.note}`.trim());
    choice.value = "";
  };

  /** Fill in the input before a button with its moment, in the time zone of the site. */
  const takeMoment = (button) => {
    const input = button.closest(".corsadmin-zone").previousElementSibling;
    const shifted = Date.now() + Number(button.dataset.corsadminOffset) * 60000;
    const now = new Date(shifted).toISOString().slice(0, 16);
    // “Today” means the first minute of the day for a beginning, and the last minute for an end.
    const time = input.value.slice(10) || (input.name.endsWith("until") ? "T23:59" : "T00:00");
    input.value = button.matches(".corsadmin-now") ? now : now.slice(0, 10) + time;
    input.focus();
  };

  document.addEventListener("click", ({ target }) => {
    if (target.matches(".corsadmin-now, .corsadmin-today")) {
      takeMoment(target);
    }
  });

  /** Suggest users while somebody types, if the field has an address for suggestions. */
  const suggestUsers = async (input) => {
    const { value } = input;
    const address = new URL(input.dataset.corsadminUsers, location.href);
    address.searchParams.set("term", value);
    const answer = await fetch(address);
    if (!answer.ok || input.value !== value) {
      return;
    }
    const { users } = await answer.json();
    const list = document.getElementById("corsadmin-users") || document.createElement("datalist");
    list.id = "corsadmin-users";
    list.replaceChildren(
      ...users.map(({ name, label }) => Object.assign(document.createElement("option"), { value: name, label })),
    );
    document.body.append(list);
  };

  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-corsadmin-users]") && target.value.trim()) {
      suggestUsers(target);
    }
  });

  // On the document, since rows can be added to a tenant's page later.
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".corsadmin-preset")) {
      addNames(target);
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    // On phones, long sections start closed to keep the page short.
    if (matchMedia("(max-width: 767px)").matches) {
      document.querySelectorAll(".corsadmin-fold").forEach((part) => part.removeAttribute("open"));
    }
    document.querySelectorAll("#changelist .actions").forEach(followAction);
    for (const button of document.querySelectorAll(".corsadmin-now, .corsadmin-today")) {
      button.hidden = false;
    }
    for (const offer of document.querySelectorAll(".corsadmin-use[type=button]")) {
      if (inputOf(offer)) {
        offer.hidden = false;
        offer.addEventListener("click", () => take(offer));
      }
    }
  });

  /** Send a form only once, and show meanwhile that the server is working. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const said = form.querySelector(".corsadmin-working");
    if (!said || (event.submitter && event.submitter.matches("[data-corsadmin-download]"))) {
      return;
    }
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    said.textContent = said.dataset.corsadminText;
  });

  // When the user goes back, the browser shows the page in its last state.
  window.addEventListener("pageshow", () => {
    for (const said of document.querySelectorAll(".corsadmin-working")) {
      said.textContent = "";
      said.closest("form").removeAttribute("aria-busy");
    }
  });

  /** Label the boxes that Select2 adds without labels. */
  const nameBoxes = () => {
    for (const field of document.querySelectorAll("select.admin-autocomplete")) {
      const label = field.labels && field.labels[0];
      const boxes = field.parentElement.querySelectorAll(
        ".select2-selection, .select2-selection [role=textbox], .select2-search__field",
      );
      for (const box of label ? boxes : []) {
        box.setAttribute("aria-label", label.textContent.trim());
        box.removeAttribute("aria-labelledby");
      }
      if (field.autofocus && boxes.length) {
        boxes[0].focus();
      }
    }
  };

  // Select2 adds the boxes when jQuery is ready. A callback registered now runs after that.
  window.addEventListener("load", () => window.django && window.django.jQuery(nameBoxes));
})();
