/* Offers beside an error become one click; everything works without this file. */
"use strict";

(() => {
  /** Return the input that an error list in the admin's markup is about. */
  const inputOf = (offer) => {
    const place = offer.closest("td, .fieldBox, .form-row, div");
    return place && place.querySelector("input:not([type=checkbox], [type=hidden]), textarea");
  };

  /** Put the suggestion where the mistake was: one name of a list, or the whole text. */
  const take = (offer) => {
    const input = inputOf(offer);
    const { corsadminValue: value, corsadminInstead: instead } = offer.dataset;
    const words = input.value.split(/([\s,]+)/);
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

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("#changelist .actions").forEach(followAction);
    for (const offer of document.querySelectorAll(".corsadmin-use")) {
      if (inputOf(offer)) {
        offer.hidden = false;
        offer.addEventListener("click", () => take(offer));
      }
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
    }
  };

  // jQuery makes the boxes when it is ready: what is told it now comes after that.
  window.addEventListener("load", () => window.django && window.django.jQuery(nameBoxes));
})();
