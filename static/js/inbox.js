/* Inbox: rows by keyboard, choosing several, signing for them, and a list that follows its counts. */
(() => {
  "use strict"
  const rows = () => [...document.querySelectorAll("[data-row]")]
  const current = () => document.activeElement?.closest?.("[data-row]")
  const link = row => row?.querySelector("a.order-number")
  const boxes = () => [...document.querySelectorAll("[data-row] input[type=checkbox]")]

  function move(step) {
    const all = rows(), at = all.indexOf(current())
    link(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))])?.focus()
  }
  function showPicked() {
    const picked = boxes().filter(box => box.checked), batch = document.querySelector("[data-batch]")
    boxes().forEach(box => box.closest("[data-row]").classList.toggle("is-picked", box.checked))
    if (!batch) return
    batch.hidden = !picked.length
    batch.querySelector("[data-picked]").textContent = picked.length
    const all = document.querySelector("[data-pick-all]")
    if (all) Object.assign(all, {checked: picked.length > 0 && picked.length === boxes().length, indeterminate: picked.length > 0 && picked.length < boxes().length})
  }
  function sign() {
    if (boxes().some(box => box.checked)) return document.getElementById("sign-form")?.requestSubmit(document.querySelector("[data-batch] button[type=submit]"))
    current()?.querySelector("[data-sign]")?.click()
  }
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = current()?.querySelector("input[type=checkbox]"); if (box) { box.checked = !box.checked; showPicked() } },
    s: sign,
    r: () => current()?.querySelector("[data-reply]")?.click(),
  }
  document.addEventListener("hotline:key", event => {
    const act = acts[event.detail.key.toLowerCase()]
    if (!act || event.detail.key.length > 1 || document.querySelector("dialog[open]")) return
    event.preventDefault()
    act()
  })
  document.addEventListener("change", event => {
    if (event.target.matches("[data-pick-all]")) boxes().forEach(box => { box.checked = event.target.checked })
    if (event.target.type === "checkbox") showPicked()
  })
  document.addEventListener("click", event => {
    if (!event.target.closest("[data-unpick]")) return
    boxes().forEach(box => { box.checked = false })
    showPicked()
    link(rows()[0])?.focus()
  })
  // One row's own button signs for that row alone, whatever else is chosen.
  document.addEventListener("htmx:configRequest", event => {
    const button = event.detail.triggeringEvent?.submitter
    if (button?.matches("[data-sign]")) event.detail.formData.set("order", button.value)
  })
  document.addEventListener("htmx:afterSettle", event => {
    showPicked()
    const tabs = document.getElementById("inbox-tabs")
    if (event.detail.elt.id === "inbox-list" && tabs && !following) window.htmx.trigger(tabs, "refresh")
    if (event.detail.elt.id === "inbox-tabs") follow()
    if (event.detail.elt.id === "inbox-list") following = false
  })

  // The tabs come anew only when a count changed: then the list follows, unless somebody is choosing in it.
  let following = false
  function follow() {
    const list = document.getElementById("inbox-list")
    if (!list || following || boxes().some(box => box.checked) || new URLSearchParams(location.search).has("cursor")) return
    const kept = current()?.dataset.number
    following = true
    window.htmx.ajax("GET", location.href, {target: "#inbox-list", swap: "outerHTML", headers: {"X-Poll": "1"}}).then(() => {
      following = false
      if (kept) link(rows().find(row => row.dataset.number === kept))?.focus()
    })
  }
})()
