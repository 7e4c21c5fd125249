/* The shell: keys and their help sheet, dialogs, messages, forms that are sent once.

   Pages declare keys: `data-key="F4"` on a button, link or field (what the key does is its own text or `data-key-label`),
   `data-key-scope` on a region whose keys work only while it holds the focus. Pages that need more listen to `hotline:key`
   and call preventDefault. A page says something with `hotline:say` {text, level}. */
(() => {
  "use strict"
  const all = selector => [...document.querySelectorAll(selector)]
  const isShown = element => element.getClientRects().length > 0 && !element.disabled
  const store = { get: key => { try { return localStorage.getItem(key) } catch { return null } }, set: (key, value) => { try { localStorage.setItem(key, value) } catch { /* private window */ } } }

  // --- Keys
  const isTyping = element => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type)
  function nameOf(event) {
    const key = event.key.length === 1 && (event.ctrlKey || event.altKey) ? event.key.toUpperCase() : event.key
    const digit = event.altKey && /^Digit\d$/.test(event.code) ? event.code.slice(5) : key
    return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey && key.length > 1 ? "Shift" : "", digit].filter(Boolean).join("+")
  }
  const singleKeysOn = () => store.get("single-keys") !== "off"
  function targetOf(name) {
    const inDialog = document.querySelector("dialog[open]")
    return all("[data-key]").find(element => element.dataset.key === name && isShown(element)
      && (!inDialog || inDialog.contains(element))
      && (!element.closest("[data-key-scope]") || element.closest("[data-key-scope]").contains(document.activeElement)))
  }
  document.addEventListener("keydown", event => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
    const name = nameOf(event)
    if (name.length === 1 && (isTyping(event.target) || !singleKeysOn())) return
    const told = new CustomEvent("hotline:key", {detail: {key: name}, cancelable: true})
    if (!document.dispatchEvent(told)) return event.preventDefault()
    if (/^(Enter|Escape|Tab| )$/.test(name)) return
    const target = targetOf(name)
    if (!target || event.repeat) return
    event.preventDefault()
    if (isTyping(target)) { target.focus(); target.select?.() } else { target.click() }
  })
  all("[data-key]").forEach(element => element.setAttribute("aria-keyshortcuts", element.dataset.key.replace("Ctrl", "Control")))

  // --- The help sheet lists what is on the page now
  const sheet = document.getElementById("keys")
  function fillSheet() {
    const list = sheet.querySelector("[data-keys]"), seen = new Set()
    list.replaceChildren()
    all("[data-key]").filter(isShown).forEach(element => {
      if (seen.has(element.dataset.key)) return
      seen.add(element.dataset.key)
      const term = document.createElement("dt"), words = document.createElement("dd"), key = document.createElement("kbd")
      key.textContent = element.dataset.key
      term.append(key)
      words.textContent = element.dataset.keyLabel || element.getAttribute("aria-label") || [...element.childNodes].filter(node => node.nodeName !== "KBD").map(node => node.textContent).join("").trim()
      list.append(term, words)
    })
  }
  const singles = sheet?.querySelector("[data-single-keys]")
  if (singles) {
    singles.checked = singleKeysOn()
    singles.addEventListener("change", () => store.set("single-keys", singles.checked ? "on" : "off"))
  }

  // --- Dialogs: data-open names one; a click beside it or [data-close] closes it; focus returns to the opener
  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-open]")
    if (opener) {
      const dialog = document.getElementById(opener.dataset.open)
      if (dialog === sheet) fillSheet()
      if (dialog && !dialog.open) dialog.showModal()
    }
    if (event.target.matches("dialog") || event.target.closest("dialog [data-close]")) event.target.closest("dialog").close()
    event.target.closest("[data-dismiss]")?.closest("[data-dismissable]")?.remove()
    const printer = event.target.closest("[data-print]")
    if (printer) window.print()
  })

  // --- Messages of the page itself
  document.addEventListener("hotline:say", event => {
    const box = document.getElementById("toasts"), note = document.createElement("div"), text = document.createElement("p"), close = document.createElement("button")
    note.className = `notice notice-${event.detail.level || "info"}`
    note.dataset.dismissable = ""
    text.textContent = event.detail.text
    Object.assign(close, {type: "button", className: "btn btn-quiet btn-icon", textContent: "×"})
    close.setAttribute("aria-label", box.dataset.dismiss)
    close.dataset.dismiss = ""
    note.append(text, close)
    box.append(note)
    if (event.detail.level !== "error") setTimeout(() => note.remove(), 8000)
  })

  // --- A form is sent once; coming back with the back button frees it
  document.addEventListener("submit", event => {
    const form = event.target
    if (form.method === "get" || form.method === "dialog" || form.matches("[hx-post], [data-hx-post]")) return
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = "1"
    event.submitter?.setAttribute("aria-busy", "true")
  })
  window.addEventListener("pageshow", () => {
    all("form[data-sent]").forEach(form => delete form.dataset.sent)
    all("[aria-busy='true']").forEach(button => button.removeAttribute("aria-busy"))
  })

  // --- Fields that send their form when changed (filters), and the title of a page with errors
  document.addEventListener("change", event => { if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit() })
  const summary = document.querySelector(".error-summary h2")
  if (summary) document.title = `${summary.textContent.trim()} · ${document.title}`
})()
