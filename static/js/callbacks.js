/* /callbacks/: answers are shown when someone answered, reasons when somebody is dissatisfied; one key for "all good". */
(() => {
  "use strict"
  const value = name => document.querySelector(`.verb-form [name=${name}]:checked`)?.value

  function show() {
    const answers = document.querySelector("[data-answers]"), reasons = document.querySelector("[data-dissatisfied]")
    if (!answers) return
    answers.hidden = Boolean(value("attempt")) && value("attempt") !== "answered"
    reasons.hidden = ![value("service"), value("result")].includes("dissatisfied") && value("solved") !== "no"
  }

  function choose(name, wanted) {
    const radio = document.querySelector(`.verb-form [name=${name}][value=${wanted}]`)
    if (radio) radio.checked = true
  }

  document.addEventListener("click", event => {
    if (!event.target.closest("[data-all-good]")) return
    choose("attempt", "answered")
    choose("contacted", "yes")
    choose("service", "satisfied")
    choose("result", "satisfied")
    choose("solved", "yes")
    show()
    document.querySelector(".verb-form .btn-primary")?.focus()
  })
  document.addEventListener("hotline:key", event => {  // wherever the focus is: there is one form to send here
    if (event.detail.key !== "Ctrl+Enter" || event.defaultPrevented) return
    event.preventDefault()
    document.querySelector(".callback-answers .verb-form")?.requestSubmit()
  })
  document.addEventListener("change", event => { if (event.target.closest(".verb-form")) show() })
  document.addEventListener("htmx:afterSettle", show)
  show()
})()
