/* Offers beside an error become one click; everything works without this file. */
"use strict";

(() => {
  /** Return the input that an error list in the admin's markup is about. */
  const inputOf = (offer) => {
    const place = offer.closest("td, .fieldBox, .form-row, div");
    return place && place.querySelector("input:not([type=checkbox], [type=hidden]), textarea");
  };

  // What the server takes for a separator between names; a bar too, which is put back as it was.
  const SEPARATORS = /([\s,;/\\"()[\]{}<>|\u2022\u2013\u201c\u201d\u201e]+)/;

  /** Put the suggestion where the mistake was: one name of a list, or the whole text. */
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

  /** Show the field for a time beside the one action that takes it. */
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
    // A browser that goes back puts the choice of before in.
    window.addEventListener("pageshow", show);
  };

  /** Say below a choice of presets what came of it. */
  const tell = (choice, text) => {
    const place = choice.closest(".flex-container") || choice;
    const told = place.parentElement.querySelector(".corsadmin-told") || document.createElement("div");
    told.className = "help corsadmin-told";
    told.setAttribute("role", "status");
    place.after(told);
    told.textContent = text;
  };

  /** Add the names of a preset to the lists of the path rule beside it, where they can be seen. */
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
      // Methods differ by case, header names do not.
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

  /** Put the moment of a button, in the time zone of the site, into the input before it. */
  const takeMoment = (button) => {
    const input = button.closest(".corsadmin-zone").previousElementSibling;
    const shifted = Date.now() + Number(button.dataset.corsadminOffset) * 60000;
    const now = new Date(shifted).toISOString().slice(0, 16);
    // A day begins with its first minute, and ends with its last one.
    const time = input.value.slice(10) || (input.name.endsWith("until") ? "T23:59" : "T00:00");
    input.value = button.matches(".corsadmin-now") ? now : now.slice(0, 10) + time;
    input.focus();
  };

  document.addEventListener("click", ({ target }) => {
    if (target.matches(".corsadmin-now, .corsadmin-today")) {
      takeMoment(target);
    }
  });

  /** Suggest users for what somebody types, where the field has an address to ask. */
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

  // Rows of a tenant's page may be added later.
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".corsadmin-preset")) {
      addNames(target);
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    // On a telephone a page is short, and what is long in it opens with a touch.
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

  /** Send a form once, and say meanwhile that the server is at work. */
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

  // A browser that goes back shows the page as it was left.
  window.addEventListener("pageshow", () => {
    for (const said of document.querySelectorAll(".corsadmin-working")) {
      said.textContent = "";
      said.closest("form").removeAttribute("aria-busy");
    }
  });

  /** Name the boxes that Select2 makes beside fields and forgets to name. */
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

  // jQuery makes the boxes when it is ready: what is told it now comes after that.
  window.addEventListener("load", () => window.django && window.django.jQuery(nameBoxes));
})();
