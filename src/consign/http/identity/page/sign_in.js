"use strict";
// Signing in, over the same requests that every client has. No token is ever seen here: the answers set cookies.

const VIEWS = ["ask", "code", "confirm", "busy", "inside"];
const at = (id) => document.getElementById(id);
const address = at("address"), password = at("password");
let signIn = null; // what belongs to the code that was sent

function show(view) {
  for (const each of VIEWS) at(each).hidden = each !== view;
  const first = at(view).querySelector("input, button");
  if (first) first.focus();
}

function complain(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = !text;
}

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function ask(path, body) {
  const headers = { "X-Consign-Page": "1" };
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const method = body === undefined ? "GET" : "POST";
    answer = await fetch(`/api/v1/identity/${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refused(0, "The service cannot be reached. Try again in a moment.");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw new Refused(answer.status, told.detail || "That did not work. Try again in a moment.");
}

// Tabs take turns: a refresh token that is spent twice ends the session.
const refreshed = () => navigator.locks.request("consign-refresh", () => ask("refresh", {}));

async function askSignedIn(path, body) {
  try {
    return await ask(path, body);
  } catch (refused) {
    if (refused.status !== 401) throw refused;
  }
  await refreshed();
  return ask(path, body);
}

async function attempt(deed, otherwise) {
  complain("");
  const buttons = [...document.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  try {
    await deed();
  } catch (refused) {
    if (otherwise) show(otherwise);
    complain(refused.message);
  }
  for (const each of buttons) each.disabled = false;
}

function on(form, deed, otherwise) {
  at(form).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(deed, otherwise);
  });
}

function listed(session) {
  const row = document.createElement("li"), what = document.createElement("span"), when = document.createElement("small");
  what.textContent = session.device || "A device that did not say what it is";
  when.textContent = session.current ? "This one" : `Last used ${new Date(session.used_at).toLocaleString()}`;
  what.append(when);
  row.append(what);
  if (!session.current) {
    const end = document.createElement("button");
    end.type = "button";
    end.className = "quiet";
    end.textContent = "Sign out";
    end.addEventListener("click", () =>
      attempt(async () => {
        await askSignedIn(`sessions/${session.session}/sign-out`, {});
        await inside();
      }),
    );
    row.append(end);
  }
  return row;
}

async function inside(account) {
  const sessions = (await askSignedIn("sessions")).items;
  if (account) at("account").textContent = account;
  at("account").parentElement.hidden = !at("account").textContent;
  at("sessions").replaceChildren(...sessions.map(listed));
  show("inside");
}

const enter = async (signedIn) => inside(signedIn.account);

function leave() {
  at("account").textContent = "";
  at("done").hidden = true;
  show("ask");
}

on("ask", async () => {
  if (!at("by-password").hidden) {
    await enter(await ask("sign-in", { address: address.value, password: password.value }));
    password.value = "";
    return;
  }
  signIn = (await ask("ask-for-link", { address: address.value })).sign_in;
  at("sent-to").textContent = address.value;
  at("digits").value = "";
  show("code");
});
on("code", async () => enter(await ask("redeem-code", { sign_in: signIn, code: at("digits").value })));
on("set-password", async () => {
  const body = { password: at("new").value };
  if (at("current").value) body.current = at("current").value;
  await askSignedIn("change-password", body);
  at("set-password").reset();
  at("done").textContent = "The password is set.";
  at("done").hidden = false;
  await inside();
});
at("use-password").addEventListener("click", () => {
  const now = at("by-password");
  now.hidden = !now.hidden;
  password.required = !now.hidden;
  at("ask").querySelector("[type=submit]").textContent = now.hidden ? "Send me a mail" : "Sign in";
  at("use-password").textContent = now.hidden ? "Use a password instead" : "Have a mail sent instead";
  (now.hidden ? address : password).focus();
});
at("again").addEventListener("click", () => show("ask"));
at("out").addEventListener("click", () => attempt(async () => leave(await askSignedIn("sign-out", {}))));
at("out-everywhere").addEventListener("click", () =>
  attempt(async () => leave(await askSignedIn("sign-out-everywhere", {}))),
);
for (const issuer of JSON.parse(at("issuers-known").textContent)) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = `Sign in with ${new URL(issuer).host}`;
  button.addEventListener("click", () =>
    attempt(async () => location.assign((await ask("begin-with-issuer", { issuer })).authorization_url)),
  );
  at("issuers").append(button);
}

async function begin() {
  const token = location.hash.slice(1), query = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname); // neither a secret nor a code stays in the address
  if (token) {
    on("confirm", async () => enter(await ask("redeem-link", { token })), "ask");
    show("confirm");
  } else if (query.has("state") && query.has("code")) {
    show("busy");
    const shown = { state: query.get("state"), code: query.get("code") };
    if (query.has("iss")) shown.iss = query.get("iss");
    await attempt(async () => enter(await ask("finish-with-issuer", shown)), "ask");
  } else {
    show("busy");
    try {
      await inside();
    } catch {
      show("ask"); // nobody is signed in
    }
    if (query.has("error")) complain("The other service did not sign you in.");
  }
}

begin();
