// A file that is too large is said so before it is sent.
(function () {
  "use strict";
  const form = document.querySelector("form[data-most]");
  const file = form && form.querySelector("input[name=file]");
  if (!file) return;
  file.addEventListener("change", function () {
    const size = Array.from(file.files).reduce(function (sum, one) { return sum + one.size; }, 0);
    file.setCustomValidity(size > Number(form.dataset.most) ? form.dataset.large : "");
    file.reportValidity();
  });
})();
