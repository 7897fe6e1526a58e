"""The endings that words of a language take, for whoever has no stemmer at hand: the page for searching.

A question may have a form that stands nowhere: "hijacked", where documents have "hijacking". The index knows the stem
of each word it holds; a form is taken for one of the same family if it begins as that stem does and goes on with one of
these endings. They are those of inflection that PyStemmer takes off too, without accents, as words are compared.
"""

ENDINGS = {
    "ca": "s es a o e en at ats ada ades ar ant",
    "da": "e en er ene erne et s ens ers ernes ede te t",
    "de": "e en er ern em es s n t te ten st est et end ung ungen",
    "en": "s es ed d ing ings y ies ied e er ers",
    "es": "s es a as o os e en an ar er ir ado ada ados adas ido ida ando iendo aron io ia",
    "fi": "a n t in en ssa sta lla lta lle na ksi ja jen i it ien iin",
    "fr": "s e es x ent er ez ee ees ant ants ante ait aient ons ion ions ement",
    "hu": "k ok ek ak t ot et at ban ben nak nek ra re val vel bol hoz i a e",
    "it": "a e i o are ere ire ato ata ati ate uto ito ando endo iamo ano ono mente",
    "nb": "e en er ene et s ens ers a ede te t",
    "nl": "e en s er ers t te ten de den d es heid",
    "no": "e en er ene et s ens ers a ede te t",
    "pt": "s es a as o os e em am ar er ir ado ada ados adas ido ida ando endo aram oes ao",
    "ro": "a e i ul ului le lor ii iei at ata ati ate esc eaza",
    "ru": "а я о е ы и у ю ь ам ям ах ях ом ем ой ей ого его ому ему ый ий ая яя ое ее ые ие ых их ым им ую юю ов ев "
    "л ла ло ли ть ет ют ут ит ат ят ал ала али ение ения",
    "sv": "a e en er ar or et n na s ens arna erna orna ade de te t as",
    "tr": "lar ler i u a e in un da de dan den nin nun ya ye yi si su im um",
}
