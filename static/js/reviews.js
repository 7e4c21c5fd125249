/* Daily review: what was typed and not yet sent is not lost by leaving the page. */
(() => {
  "use strict"
  const forms = () => [...document.querySelectorAll("form[data-keep]")]
  const fields = form => [...form.elements].filter(field => field.name && field.type !== "hidden")
  const isTyped = form => !form.dataset.sent && fields(form).some(field => field.value !== field.defaultValue)
  window.addEventListener("beforeunload", event => { if (forms().some(isTyped)) event.preventDefault() })
})()
