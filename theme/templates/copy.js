const copy = document.getElementById("copy");
copy.hidden = false;
copy.onclick = () => {
  getSelection().selectAllChildren(document.getElementById("citation"));
  if (document.execCommand("copy")) copy.textContent = copy.dataset.done;
};
