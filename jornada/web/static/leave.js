// "Leave this site" without a way back through the history, and the same on three presses of Escape.
// Everything works without this script; it only closes faster.
(function () {
  "use strict";
  var link = document.getElementById("leave");
  if (!link) return;
  function leave(event) {
    if (event) event.preventDefault();
    document.documentElement.textContent = "";
    window.location.replace(link.href);
  }
  link.addEventListener("click", leave);
  var presses = 0, last = 0;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { presses = 0; return; }
    var now = Date.now();
    presses = now - last < 1500 ? presses + 1 : 1;
    last = now;
    if (presses >= 3) leave();
  });
})();
