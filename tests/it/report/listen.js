// Runs before all else: errors of every kind are noted.
const faults = [];
addEventListener("error", event => faults.push(String(event.message)));
addEventListener("unhandledrejection", event => faults.push(String(event.reason)));
addEventListener("securitypolicyviolation", event => faults.push(event.blockedURI + " " + event.violatedDirective));
for (const kind of ["error", "warn"]) console[kind] = (...all) => faults.push(all.join(" "));
