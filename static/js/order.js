/* One order: copying its number, filtering the trail, the forms of acts, revealed data, and the draft of a reply. */
(() => {
  "use strict"
  const say = (text, level) => document.dispatchEvent(new CustomEvent("hotline:say", {detail: {text, level}}))

  // --- Copy the number
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]")
    if (button) navigator.clipboard?.writeText(button.dataset.copy).then(() => say(button.dataset.copied, "success"))
  })

  // --- Filter of the trail
  document.querySelectorAll("[data-trail]").forEach(box => {
    const group = box.querySelector(".trail-filter"), lines = [...box.querySelectorAll(".trail > li")]
    group.hidden = false
    group.addEventListener("click", event => {
      const chosen = event.target.closest("[data-family]")
      if (!chosen) return
      group.querySelectorAll("[data-family]").forEach(one => one.setAttribute("aria-pressed", String(one === chosen)))
      lines.forEach(line => { line.hidden = Boolean(chosen.dataset.family) && line.dataset.family !== chosen.dataset.family })
      box.querySelector("[data-none]").hidden = lines.some(line => !line.hidden)
    })
  })

  // --- A conflict answers 409 with the form in it: show it like a refused one
  document.addEventListener("htmx:beforeSwap", event => {
    if (event.detail.xhr.status === 409 && event.detail.xhr.responseText.includes("verb-form")) {
      event.detail.shouldSwap = true
      event.detail.isError = false
    }
  })

  // --- What one looks up oneself is no conflict: an open form that saw the version before sees the one after
  document.addEventListener("htmx:afterSwap", () => document.querySelectorAll("[data-before]").forEach(shown => {
    document.querySelectorAll("input[name=version]").forEach(field => { if (field.value === shown.dataset.before) field.value = shown.dataset.version })
  }))

  // --- An upload shows how far it is, and says when it broke off: the file stays chosen for another try
  const uploadOf = event => event.target.closest?.("[data-upload]")
  document.addEventListener("htmx:xhr:progress", event => {
    const form = uploadOf(event), {loaded, total} = event.detail
    if (!form || !total) return
    const bar = form.querySelector("progress")
    bar.hidden = false
    bar.value = Math.round(100 * loaded / total)
    form.querySelector("[data-upload-line]").textContent = `${bar.value}%`
  })
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, event => {
    const form = uploadOf(event)
    if (!form) return
    form.querySelector("progress").hidden = true
    form.querySelector("[data-upload-line]").textContent = form.querySelector("[data-upload-line]").dataset.failed
  })

  // --- Cancel closes a form that was opened in the page; Ctrl+Enter sends the form one is in
  document.addEventListener("click", event => {
    const cancel = event.target.closest("#act-form [data-cancel]")
    if (!cancel) return
    event.preventDefault()
    const act = cancel.closest("form").dataset.verb
    document.getElementById("act-form").replaceChildren()
    document.querySelector(`[data-act="${act}"]`)?.focus()
  })
  document.addEventListener("hotline:key", event => {
    const form = document.activeElement?.closest?.(".verb-form, .reveal")
    if (event.detail.key !== "Ctrl+Enter" || !form) return
    event.preventDefault()
    form.requestSubmit()
  })

  // --- The reply: preview while typing, draft kept on the server within two seconds
  let waiting = 0
  function preview(field) {
    const box = document.getElementById(field.dataset.preview)
    if (box) box.textContent = field.value.trim() || box.dataset.empty
  }
  async function save(box) {
    const form = box.closest("form"), line = box.querySelector("[data-draft-line]")
    try {
      const answer = await fetch(box.dataset.draft, {method: "POST", body: new FormData(form), headers: {"X-CSRFToken": document.querySelector("meta[name=csrf-token]").content}})
      if (!answer.ok || answer.redirected) throw new Error(answer.status)
      line.textContent = `${box.dataset.saved} ${(await answer.json()).saved}`
    } catch {
      line.textContent = box.dataset.unsaved
    }
  }
  document.addEventListener("input", event => {
    if (event.target.dataset.preview) preview(event.target)
    const box = event.target.closest("[data-draft]")
    if (!box || event.isComposing) return
    clearTimeout(waiting)
    waiting = setTimeout(save, 1200, box)
  })
  document.addEventListener("compositionend", event => {
    const box = event.target.closest?.("[data-draft]")
    if (!box) return
    clearTimeout(waiting)
    waiting = setTimeout(save, 1200, box)
  })
})()
