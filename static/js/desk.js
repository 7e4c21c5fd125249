/* The desk: caller's card and suggestions while typing, drafts, keys. The server decides; this only asks, shows and fills in.
   Nothing is asked or done while Chinese input is under way. */
(() => {
  "use strict"
  const desk = document.querySelector("[data-desk]"), form = document.getElementById("desk-form")
  if (!desk || !form) return
  const byId = id => document.getElementById(id), field = name => form.elements.namedItem(name)
  const phone = field("phone"), content = field("content"), place = field("place"), unit = field("unit"), kind = field("kind"), category = field("category"), urgency = field("urgency")
  const ask = (id, what) => window.htmx.trigger(byId(id), what)
  const set = (select, value) => { if (select.value === value) return; select.value = value; select.dispatchEvent(new Event("change", {bubbles: true})) }
  const isOurs = element => element?.form === form
  const rankOf = {N: 0, E2: 1, E1: 2}
  let sending = false

  // --- One timer for each thing that waits until typing stops
  const timers = {}
  const later = (name, wait, act) => { clearTimeout(timers[name]); timers[name] = setTimeout(act, wait) }

  // --- Caller's card
  let asked = phone.value.trim()
  function lookUp() {
    const typed = phone.value.trim()
    if (typed === asked) return
    asked = typed
    ask("caller", "desk:caller")
  }

  // --- Suggestions
  const suggest = () => ask("hints", "desk:suggest")
  function fillIn(said) {
    const {suggested, place: spot, found, unit: holder} = said.dataset
    field("suggested").value = suggested
    const note = byId("place-note")
    if (found && (!place.value || place.value === place.dataset.auto)) {
      place.dataset.auto = spot
      set(place, spot)
    }
    note.textContent = note.dataset.text
    note.hidden = !place.value || place.value !== place.dataset.auto
    unit.dataset.catalogue = holder
    said.querySelectorAll("[data-accept]").forEach(offer => offer.setAttribute("aria-pressed", String(offer.dataset.accept === category.value)))
    if (!unit.value || unit.value === unit.dataset.auto) {
      unit.dataset.auto = holder
      set(unit, holder)
    }
    showWhat()
  }
  function accept(button) {
    set(category, button.dataset.accept)
    const offered = button.dataset.kind
    if (offered && (!kind.value || kind.value === kind.dataset.auto)) { kind.dataset.auto = offered; set(kind, offered) }
    suggest()
  }
  const hide = away => { byId("hints").classList.toggle("is-away", away) }

  // --- Which fields there are, by kind, urgency and unit
  function showWhat() {
    const isThanks = kind.value === "thanks", isOther = Boolean(unit.value && unit.dataset.catalogue && unit.value !== unit.dataset.catalogue)
    const there = {thanks: isThanks, "not-thanks": !isThanks, danger: urgency.value === "E1", "other-unit": isOther || Boolean(field("reason").value)}
    desk.querySelectorAll("[data-urgent]").forEach(button => { button.hidden = rankOf[button.dataset.urgent] <= rankOf[urgency.value || "N"] })
    desk.querySelectorAll("[data-when]").forEach(part => { part.hidden = !there[part.dataset.when] })
  }
  function raise(level) {
    if (rankOf[level] > rankOf[urgency.value || "N"]) set(urgency, level)
  }
  form.addEventListener("change", event => {
    const changed = event.target
    if (changed.name === "mode") field("by_hand").value = "yes"
    if (changed === kind && kind.value === "report" && !field("by_hand").value) form.querySelector('[name="mode"][value="confidential"]').checked = true
    if (changed === category) raise(category.selectedOptions[0]?.dataset.urgency || "N")
    if (changed === urgency && urgency.value !== "E1") field("confirmed").checked = false
    if (changed === place && event.detail === "by hand") delete place.dataset.auto
    if (changed === unit && event.detail === "by hand") unit.dataset.auto = ""
    if ([kind, urgency, unit].includes(changed)) showWhat()
    if ([category, place].includes(changed) && event.detail === "by hand" || changed.name === "mode") suggest()
  })

  // --- Typing: every field is kept, some are asked about
  function typed(element) {
    if (!isOurs(element) || sending) return
    if (element === phone) later("caller", 180, lookUp)
    if ([content, field("name"), field("address")].includes(element)) { hide(false); later("hints", 250, suggest) }
    keep()
  }
  document.addEventListener("input", event => { if (!event.isComposing) typed(event.target) })
  document.addEventListener("change", event => { if (isOurs(event.target)) keep() })
  document.addEventListener("compositionstart", () => Object.values(timers).forEach(clearTimeout))
  document.addEventListener("compositionend", event => typed(event.target))

  // --- Drafts: a second after typing stops, and every five seconds while it doesn't
  let since = 0
  function keep() {
    if (sending) return
    const now = Date.now()
    since = since || now
    later("draft", Math.max(0, Math.min(1200, 5000 - (now - since))), save)
  }
  function save() {
    clearTimeout(timers.draft)
    since = 0
    ask("draft-line", "desk:save")
    const address = `${desk.dataset.page}?draft=${encodeURIComponent(field("key").value)}`
    if (location.pathname + location.search !== address) history.replaceState(null, "", address)
  }
  window.addEventListener("pagehide", () => {
    if (!since || sending) return
    fetch(desk.dataset.saved, {method: "POST", body: new FormData(form), keepalive: true, headers: {"X-CSRFToken": field("csrfmiddlewaretoken").value}}).catch(() => {})
  })

  // --- Reminders
  const remindForm = () => desk.querySelector("[data-remind-form]")
  function remind(number) {
    const box = remindForm(), text = box.elements.namedItem("text")
    box.elements.namedItem("number").value = number
    box.querySelector("[data-remind-number]").textContent = number
    box.hidden = false
    text.focus()
    text.select()
  }
  function endReminder() {
    remindForm().hidden = true
    ;(desk.querySelector("[data-card]") || phone).focus()
  }

  // --- Sending: once, and an emergency only after a yes
  let waiting = null
  form.addEventListener("submit", event => {
    const action = event.submitter?.value || ""
    if (urgency.value === "E1" && !field("confirmed").checked && action !== "draft") {
      event.preventDefault()
      event.stopPropagation()
      waiting = event.submitter
      byId("danger").showModal()
      return
    }
    sending = true
    Object.values(timers).forEach(clearTimeout)
    window.htmx.trigger(byId("draft-line"), "htmx:abort")
  })
  byId("danger").addEventListener("click", event => {
    if (!event.target.closest("[data-danger-yes]")) return
    field("confirmed").checked = true
    byId("danger").close()
    form.requestSubmit(waiting)
  })
  window.addEventListener("pageshow", () => { sending = false })

  // --- Clicks
  document.addEventListener("click", event => {
    const at = selector => event.target.closest(selector)
    let found
    if ((found = at("[data-accept]"))) accept(found)
    else if ((found = at("[data-remind]"))) remind(found.dataset.remind)
    else if (at("[data-remind-cancel]")) endReminder()
    else if ((found = at("[data-unit]")) && found.type === "button") set(unit, found.dataset.unit)
    else if ((found = at("[data-urgent]"))) set(urgency, found.dataset.urgent)
    else if ((found = at("[data-mask]"))) { content.value = found.dataset.mask; typed(content); content.focus() }
    else if (at("[data-save]")) save()
  })

  // --- Keys
  function next(element) {
    const stops = [...form.elements].filter(one => one.tabIndex >= 0 && one.getClientRects().length && one.type !== "hidden" && !(one.type === "radio" && !one.checked))
    stops[stops.indexOf(element) + 1]?.focus()
  }
  function enter(focused) {
    if (focused.matches?.("[data-card]")) return field("name").focus(), true
    if (focused === phone) {
      if (phone.value.trim() !== asked) { clearTimeout(timers.caller); lookUp() }
      const card = desk.querySelector("[data-card]")
      return (card || field("name")).focus(), true
    }
    if (isOurs(focused) && focused.tagName === "INPUT" && !/^(button|submit)$/.test(focused.type) || isOurs(focused) && focused.tagName === "SELECT") return next(focused), true
    return false
  }
  function escape(focused) {
    if (focused.closest?.("[data-remind-form]")) return endReminder(), true
    const open = desk.querySelector(".ending[open]")
    if (open && (open.contains(focused) || isOurs(focused))) { open.open = false; content.focus(); return true }
    hide(true)
    return false
  }
  function move(focused, step) {
    const card = focused.closest?.("[data-card]")
    if (!card) return false
    const stops = [...card.querySelectorAll("button, a")], at = stops.indexOf(focused)
    stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus()
    return true
  }
  document.addEventListener("hotline:key", event => {
    const {key} = event.detail, focused = document.activeElement
    if (document.querySelector("dialog[open]")) { if (key === "Ctrl+Enter") event.preventDefault(); return }
    let done = false
    if (key === "Enter") done = enter(focused)
    else if (key === "Escape") done = escape(focused)
    else if (key === "ArrowDown" || key === "ArrowUp") done = move(focused, key === "ArrowDown" ? 1 : -1)
    else if (key === "F9") { set(urgency, urgency.value === "E1" ? category.selectedOptions[0]?.dataset.urgency || "N" : "E1"); done = true }
    else if (key === "Ctrl+Enter") {
      const ending = desk.querySelector(".ending[open] button[name=action]") || form.querySelector("[data-main]")
      if (!event.repeat) ending.click()
      done = true
    }
    if (done) event.preventDefault()
  })

  // --- An ending that opens takes the focus; the script of a refusal is shown with its reason
  desk.querySelectorAll(".ending").forEach(ending => ending.addEventListener("toggle", () => {
    if (!ending.open) return
    const line = unit.value.startsWith("EXT-") ? unit.value.slice(4) : "", peer = ending.querySelector('[name="hand_peer"]')
    if (peer && !peer.value && line) set(peer, line)
    ending.querySelector("textarea, select, input")?.focus()
  }))
  document.addEventListener("change", event => {
    const box = byId(event.target.dataset.scripted || "")
    if (!box) return
    const {script = "", route = ""} = event.target.selectedOptions[0]?.dataset || {}, lines = []
    if (script) lines.push([box.dataset.say, script])
    if (route) lines.push([box.dataset.routeLabel, route])
    box.replaceChildren(...lines.map(([label, text]) => {
      const line = document.createElement("p"), head = document.createElement("b")
      head.textContent = label
      line.append(head, " ", text)
      return line
    }))
    box.hidden = lines.length === 0
  })

  // --- Answers
  document.addEventListener("htmx:afterSwap", event => {
    const said = event.detail.target.id === "hints" && byId("hints").querySelector("[data-hints]")
    if (said) fillIn(said)
    if (event.detail.target.id === "strip" || event.target.id === "strip") {
      remindForm().hidden = true
      sending = !content.value.trim()
      clearTimeout(timers.draft)
    }
  })
  document.addEventListener("htmx:oobAfterSwap", showWhat)

  showWhat()
  document.addEventListener("DOMContentLoaded", () => {  // htmx listens from here on
    if (content.value.trim()) suggest()
    if (asked) ask("caller", "desk:caller")
  })
})()
