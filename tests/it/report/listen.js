// Runs before all else: errors of every kind are noted.
const faults = [];
// That a size is told in the next frame is a note of the browser's to itself, which comes as an error.
const isNote = message => message.startsWith("ResizeObserver loop");
addEventListener("error", event => { if (!isNote(String(event.message))) faults.push(String(event.message)); });
addEventListener("unhandledrejection", event => faults.push(String(event.reason)));
addEventListener("securitypolicyviolation", event => faults.push(event.blockedURI + " " + event.violatedDirective));
for (const kind of ["error", "warn"]) console[kind] = (...all) => faults.push(all.join(" "));
// Frames come by the clock that the browser is given, however busy the machine is.
window.requestAnimationFrame = callback => setTimeout(() => callback(performance.now()), 16);
// What was seen is left in the page, for whoever opened it.
const leave = seen => {
  const result = document.createElement("pre");
  result.id = "seen";
  result.textContent = JSON.stringify(seen);
  document.body.append(result);
};
