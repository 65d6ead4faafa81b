<?php
$conf['savedir'] = '/storage/data';
$conf['userewrite'] = 1;
