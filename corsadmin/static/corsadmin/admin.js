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

  document.addEventListener("DOMContentLoaded", () => {
    for (const offer of document.querySelectorAll(".corsadmin-use")) {
      if (inputOf(offer)) {
        offer.hidden = false;
        offer.addEventListener("click", () => take(offer));
      }
    }
  });
})();
