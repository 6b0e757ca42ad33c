# What is left of the user's when the program goes.
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
es*) echo 'Sus modelos siguen en la carpeta slm de Descargas (o en SLM_STORE); lo medido de este equipo, en ~/.cache/modelteca.' ;;
*) echo 'Your models stay in the slm folder of your Downloads (or in SLM_STORE); what was measured of this device, in ~/.cache/modelteca.' ;;
esac
