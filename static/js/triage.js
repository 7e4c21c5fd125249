/* Triage: rows by keyboard, one key to dispatch, forms in a dialog. */
(() => {
  "use strict"
  const rows = () => [...document.querySelectorAll("[data-row]")]
  let worked = null  // the row an act was started from
  // A row that was just replaced has lost the focus: keys still mean it
  const current = () => document.activeElement?.closest?.("[data-row]")
    || (document.activeElement === document.body && worked && document.getElementById(worked.id)) || null
  const link = row => row?.querySelector("a.order-number")
  const dialog = document.getElementById("triage-dialog")

  function move(step, from = current()) {
    const all = rows(), at = all.indexOf(from)
    link(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))])?.focus()
  }
  const press = selector => current()?.querySelector(selector)?.click()
  const acts = {
    j: () => move(1), k: () => move(-1),
    1: () => press("[data-choice='1']"), 2: () => press("[data-choice='2']"), 3: () => press("[data-choice='3']"),
    a: () => press("[data-accept]"), d: () => press("[data-decide]"), c: () => press("[data-classify]"),
  }
  document.addEventListener("hotline:key", event => {
    if (event.detail.key === "Ctrl+Enter" && dialog.open) {
      event.preventDefault()
      dialog.querySelector("form.verb-form")?.requestSubmit()
      return
    }
    const act = acts[event.detail.key]
    if (!act || dialog.open || document.querySelector("dialog[open]")) return
    event.preventDefault()
    act()
  })
  document.addEventListener("htmx:beforeRequest", event => {
    worked = event.detail.elt.closest("[data-row]") || worked
  })
  document.addEventListener("triage:form", () => {
    if (!dialog.open) dialog.showModal()
    const spot = dialog.querySelector(".error-summary, input[type=radio], .combo input, textarea, select, input:not([type=hidden])")
    spot?.focus()
  })
  document.addEventListener("triage:done", () => {
    if (dialog.open) dialog.close()
    window.htmx.trigger("#triage-tabs", "refresh")
    const row = worked && document.getElementById(worked.id)
    if (row?.classList.contains("is-done")) {
      const next = rows().slice(rows().indexOf(row) + 1).find(one => !one.classList.contains("is-done"))
      link(next || row)?.focus()
    } else link(row)?.focus()
  })
  dialog?.addEventListener("close", () => {
    const row = worked && document.getElementById(worked.id)
    if (row && !row.classList.contains("is-done")) link(row)?.focus()
  })
})()
